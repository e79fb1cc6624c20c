//! Filter of a log, stored in the page's address.

use components::{
    button::{ButtonKind, LinkButton, SubmitButton},
    field::Field,
    select::{Choice, Select},
};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use models::{
    InstanceId,
    api::workspace::deployment::{DownloadLogQuery, ListLogLinesQuery},
    deployment::Instance,
    time::Timestamp,
};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error};

/// The filter as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogFilter {
    pub(crate) search: String,
    instance_id: String,
    stream: String,
    from: String,
    to: String,
    before: String,
    after: String,
}

impl LogFilter {
    /// Reads the filter from an address.
    pub(crate) fn read(query: &ParamsMap) -> Self {
        let of = |name| query.get_str(name).unwrap_or_default().trim().to_owned();
        Self {
            search: query.get_str("search").unwrap_or_default().to_owned(),
            instance_id: of("instance_id"),
            stream: of("stream"),
            from: of("from"),
            to: of("to"),
            before: of("before"),
            after: of("after"),
        }
    }

    /// Returns the query for the endpoint; invalid values are left out.
    pub(crate) fn query(&self) -> ListLogLinesQuery {
        ListLogLinesQuery {
            before: self.before.parse().ok(),
            after: self.after.parse().ok(),
            from: moment(&self.from),
            to: moment(&self.to),
            instance_id: self.instance(),
            stream: parse(&self.stream),
            search: (!self.search.is_empty()).then(|| self.search.clone()),
            limit: None,
        }
    }

    /// Returns the query for a download of all matching lines.
    pub(crate) fn download(&self) -> DownloadLogQuery {
        let ListLogLinesQuery {
            from,
            to,
            instance_id,
            stream,
            search,
            ..
        } = self.query();
        DownloadLogQuery {
            from,
            to,
            instance_id,
            stream,
            search,
        }
    }

    /// Returns the only instance whose lines are shown; `None` for all.
    pub(crate) fn instance(&self) -> Option<InstanceId> {
        self.instance_id.parse().ok()
    }

    /// True if new lines can match the filter.
    ///
    /// They can come from one instance or from all.
    pub(crate) fn is_live(&self) -> bool {
        *self
            == Self {
                instance_id: self.instance_id.clone(),
                ..Self::default()
            }
    }

    /// Returns the address of the lines before a position.
    pub(crate) fn older(&self, page: &str, before: i64) -> String {
        let mut other = self.clone();
        (other.before, other.after) = (before.to_string(), String::new());
        other.address(page)
    }

    /// Returns the address of the lines after a position.
    pub(crate) fn newer(&self, page: &str, after: i64) -> String {
        let mut other = self.clone();
        (other.before, other.after) = (String::new(), after.to_string());
        other.address(page)
    }

    /// Returns the address of the newest matching lines.
    pub(crate) fn newest(&self, page: &str) -> String {
        let mut other = self.clone();
        (other.before, other.after) = (String::new(), String::new());
        other.address(page)
    }

    fn address(&self, page: &str) -> String {
        let fields = [
            ("search", &self.search),
            ("instance_id", &self.instance_id),
            ("stream", &self.stream),
            ("from", &self.from),
            ("to", &self.to),
            ("before", &self.before),
            ("after", &self.after),
        ];
        let mut address = page.to_owned();
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        for (number, (name, value)) in given.enumerate() {
            address.push(if number == 0 { '?' } else { '&' });
            address.push_str(name);
            address.push('=');
            address.push_str(&leptos_router::location::Url::escape(value));
        }
        address
    }
}

/// Parses a moment as a browser's input writes it, or with a time zone.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.replacen(' ', "T", 1);
    ["", "Z", ":00Z"]
        .into_iter()
        .find_map(|end| parse(&format!("{text}{end}")))
}

/// Parses a value that is written as one word.
fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    let word: serde::de::value::StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(word).ok()
}

/// Returns the error of a typed moment, if it is invalid.
fn problem(text: &str) -> Option<String> {
    let is_wrong = !text.is_empty() && moment(text).is_none();
    is_wrong.then(|| "Use the format 2026-01-31T14:05:00.".to_owned())
}

/// The filter's form. It only builds an address, so it needs no scripts.
#[component]
pub(crate) fn LogFilterForm(
    /// The address of the page.
    page: String,
    filter: LogFilter,
    /// The current instances.
    instances: Vec<Instance>,
    /// Address for a download of the matching lines.
    download: String,
) -> impl IntoView {
    let clear = (filter != LogFilter::default()).then(|| {
        view! { <LinkButton kind=ButtonKind::Quiet href=page.clone() label="Show all" /> }
    });
    let (from_problem, to_problem) = (problem(&filter.from), problem(&filter.to));
    let instances = instance_options(&instances, &filter.instance_id);
    let streams = [("", "Both"), ("stdout", "Output"), ("stderr", "Errors")];
    let streams = streams
        .into_iter()
        .map(|(value, label)| option(value, label));
    view! {
        <form class="log-filter" method="get" action=page role="search" aria-label="Log">
            <Field
                label="Search"
                name="search"
                kind="search"
                value=filter.search
                placeholder="Text to find"
                optional=true
            />
            <Select
                label="Instance"
                name="instance_id"
                choices=instances
                value=filter.instance_id
                optional=true
            />
            <Select
                label="Stream"
                name="stream"
                choices=streams.collect()
                value=filter.stream
                optional=true
            />
            <Field
                label="From (UTC)"
                name="from"
                kind="datetime-local"
                step="1"
                value=filter.from
                error=from_problem
                optional=true
            />
            <Field
                label="To (UTC)"
                name="to"
                kind="datetime-local"
                step="1"
                value=filter.to
                error=to_problem
                optional=true
            />
            <div class="cluster">
                <SubmitButton label="Filter" busy_label="Filtering…" />
                {clear}
                <LinkButton kind=ButtonKind::Quiet href=download label="Download" />
            </div>
        </form>
    }
}

/// Returns the options: all, each current instance, and the chosen one.
///
/// The chosen instance may be gone.
fn instance_options(instances: &[Instance], chosen: &str) -> Vec<Choice> {
    let mut ids: Vec<String> = instances
        .iter()
        .map(|instance| instance.instance_id.to_string())
        .collect();
    if !chosen.is_empty() && !ids.iter().any(|id| id == chosen) {
        ids.push(chosen.to_owned());
    }
    let mut choices = vec![option("", "All")];
    // Ids created at the same time share their first digits.
    choices.extend(
        ids.iter()
            .map(|id| option(id, id.rsplit('-').next().unwrap_or(id))),
    );
    choices
}

fn option(value: &str, label: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use models::deployment::LogStream;

    use super::{LogFilter, moment, problem};

    fn read(fields: &[(&str, &str)]) -> LogFilter {
        let mut query = ParamsMap::new();
        for (name, value) in fields {
            query.insert((*name).to_owned(), (*value).to_owned());
        }
        LogFilter::read(&query)
    }

    #[test]
    fn a_moment_is_read_as_browsers_write_it() {
        let expected = Some("2026-01-31T14:05:00.000000Z".to_owned());
        for text in [
            "2026-01-31T14:05",
            "2026-01-31 14:05:00",
            "2026-01-31T14:05:00Z",
            "2026-01-31T15:05:00+01:00",
        ] {
            assert_eq!(moment(text).map(|at| at.to_string()), expected, "{text}");
        }
        assert_eq!(moment("yesterday"), None);
        assert!(problem("yesterday").is_some());
        assert_eq!(problem(""), None);
    }

    #[test]
    fn a_filter_is_kept_in_the_address_of_every_page() {
        let filter = read(&[
            ("search", "a&b ü"),
            ("stream", "stderr"),
            ("before", "7"),
            ("to", ""),
        ]);
        assert!(!filter.is_live());
        let query = filter.query();
        assert_eq!(
            (query.before, query.stream),
            (Some(7), Some(LogStream::Stderr))
        );
        assert_eq!(query.search.as_deref(), Some("a&b ü"));
        assert_eq!(
            filter.newer("/logs", 9),
            "/logs?search=a%26b%20%C3%BC&stream=stderr&after=9"
        );
        assert_eq!(
            filter.newest("/logs"),
            "/logs?search=a%26b%20%C3%BC&stream=stderr"
        );
        assert_eq!(LogFilter::default().older("/logs", 3), "/logs?before=3");
    }

    #[test]
    fn only_an_instance_may_be_chosen_among_lines_that_come() {
        let id = "01890000-0000-7000-8000-000000000000";
        let filter = read(&[("instance_id", id)]);
        assert!(filter.is_live());
        assert_eq!(
            filter.instance().map(|id| id.to_string()).as_deref(),
            Some(id)
        );
        assert!(read(&[]).is_live());
        for (name, value) in [
            ("search", " "),
            ("from", "x"),
            ("after", "1"),
            ("stream", "stdout"),
        ] {
            assert!(!read(&[(name, value)]).is_live(), "{name}");
        }
    }
}
