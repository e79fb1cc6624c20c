//! Pagination of lists, stored in the page's address.
//!
//! The API reads lists forwards, each page from the end of the one before. So the address lists
//! the start of every page up to the current one (`?page=…&page=…`), and the link back leads to
//! a page that was seen before.

use components::button::LinkButton;
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, location::Url};
use models::page::{Cursor, PageQuery};

/// Number of items on a page.
const PER_PAGE: u16 = 50;

/// Current page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The address of the first page.
    list: String,
    /// Start of each page from the second to the current one.
    begins: Vec<String>,
}

impl Paging {
    /// Reads the current page of this list from the address.
    pub(crate) fn of(list: String) -> Self {
        let begins = use_query_map().read_untracked().get_all("page");
        Self {
            list,
            begins: begins.unwrap_or_default(),
        }
    }

    /// Returns the query for the API.
    pub(crate) fn query(&self) -> PageQuery {
        PageQuery {
            limit: Some(PER_PAGE),
            cursor: self.begins.last().cloned().map(Cursor),
        }
    }

    /// Returns the address of the previous page; `None` on the first one.
    fn previous(&self) -> Option<String> {
        let (_, before) = self.begins.split_last()?;
        Some(self.address(before.iter()))
    }

    /// Returns the address of the page that begins at this cursor.
    fn next(&self, begin: &Cursor) -> String {
        self.address(self.begins.iter().chain([&begin.0]))
    }

    fn address<'a>(&self, begins: impl Iterator<Item = &'a String>) -> String {
        let mut address = self.list.clone();
        let mut separator = if address.contains('?') { '&' } else { '?' };
        for begin in begins {
            address.push(separator);
            address.push_str("page=");
            address.push_str(&Url::escape(begin));
            separator = '&';
        }
        address
    }

    /// Returns the page number and the number of pages, in words.
    fn place(&self, total: i64) -> String {
        let number = self.begins.len() + 1;
        let pages = usize::try_from(total).unwrap_or_default();
        let pages = pages.div_ceil(usize::from(PER_PAGE));
        // Items may have been removed since the first page was read.
        format!("Page {number} of {}, {total} total", pages.max(number))
    }
}

/// Links to the other pages of a list, if there are any.
#[component]
pub(crate) fn Pages(
    paging: Paging,
    /// Start of the next page; absent on the last one.
    next: Option<Cursor>,
    /// Number of items on all pages.
    total: i64,
) -> impl IntoView {
    let previous = paging.previous();
    if previous.is_none() && next.is_none() {
        return ().into_any();
    }
    let place = paging.place(total);
    let next = next.map(|next| paging.next(&next));
    view! {
        <nav class="cluster" aria-label="Pagination">
            {previous.map(|href| view! { <LinkButton href=href label="Previous page" /> })}
            <span class="soft">{place}</span>
            {next.map(|href| view! { <LinkButton href=href label="Next page" /> })}
        </nav>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use models::page::Cursor;

    use super::Paging;

    fn third() -> Paging {
        Paging {
            list: "/secret".to_owned(),
            begins: vec!["a&b".to_owned(), "c".to_owned()],
        }
    }

    #[test]
    fn each_page_knows_the_one_before_and_the_one_behind_it() {
        let third = third();
        assert_eq!(third.previous().unwrap(), "/secret?page=a%26b");
        let next = third.next(&Cursor("d".to_owned()));
        assert_eq!(next, "/secret?page=a%26b&page=c&page=d");
        assert_eq!(third.query().cursor, Some(Cursor("c".to_owned())));
        let first = Paging {
            begins: Vec::new(),
            ..third
        };
        assert_eq!(first.previous(), None);
        let filtered = Paging {
            list: "/secret?environment=e".to_owned(),
            ..first.clone()
        };
        let next = filtered.next(&Cursor("d".to_owned()));
        assert_eq!(next, "/secret?environment=e&page=d");
        assert_eq!(first.query().cursor, None);
    }

    #[test]
    fn a_page_shows_its_number_even_when_others_are_gone() {
        assert_eq!(third().place(101), "Page 3 of 3, 101 total");
        assert_eq!(third().place(51), "Page 3 of 3, 51 total");
        assert_eq!(third().place(201), "Page 3 of 5, 201 total");
    }
}
