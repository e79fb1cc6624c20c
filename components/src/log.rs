//! A log view that can follow new lines.
//!
//! After hydration the page contains only the visible lines, so that a hundred thousand of them
//! scroll as well as ten. Every line has the same height, which keeps the arithmetic simple.

mod ansi;
mod buffer;
mod highlights;
mod line;
mod page;
mod row;
mod window;

use leptos::{html, prelude::*};
use web_sys::HtmlElement;

use crate::{
    button::{ActionButton, ButtonKind},
    format,
    hydrated::hydrated,
};

pub use buffer::LogBuffer;
pub use line::Line;
pub use page::LogPage;
use row::{line_view, text_view};
use window::{Span, View, span};

/// Height of a line in pixels, enough for a finger (WCAG 2.2, 2.5.8).
///
/// `style/components/log.css` sets the same height.
const LINE_HEIGHT: i32 = 24;
/// Distance from the end that still counts as the end, in pixels.
const AT_END: i32 = LINE_HEIGHT;

/// A log with a bar to follow, pause and wrap its lines.
#[component]
pub fn LogView(
    /// The lines.
    lines: RwSignal<LogBuffer>,
    /// Text shown while there are no lines.
    #[prop(into)]
    empty: String,
    /// Address of older lines; absent if there are none.
    #[prop(optional_no_strip)]
    older: Option<String>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let following = RwSignal::new(true);
    let wrapped = RwSignal::new(false);
    let view = RwSignal::new(View::Whole);
    let hydrated = hydrated();
    let shown = Memo::new(move |_| {
        span(
            lines.read().len(),
            view.get(),
            following.get(),
            wrapped.get(),
        )
    });

    let measure = move || {
        let Some(list) = list.get_untracked() else {
            return;
        };
        view.set(View::Part {
            top: list.scroll_top() / LINE_HEIGHT,
            height: list.client_height() / LINE_HEIGHT,
        });
        let rest = list.scroll_height() - list.scroll_top() - list.client_height();
        following.set(rest <= AT_END);
    };
    let to_end = move || {
        if let Some(list) = list.get_untracked() {
            list.set_scroll_top(list.scroll_height());
        }
    };
    Effect::new(move |_| {
        lines.track();
        wrapped.track();
        if following.get() {
            request_animation_frame(to_end);
        }
    });

    let count = Signal::derive(move || format::count(as_count(lines.read().len()), "line"));
    view! {
        <div class="log" class:log-wrapped=move || wrapped.get()>
            <div class="log-bar">
                <span>{count}</span>
                <span>"Times in UTC"</span>
                {older.map(|href| view! { <a href=href>"Older lines"</a> })}
                <div class="log-bar-end" hidden=move || !hydrated.get()>
                    <ActionButton
                        kind=ButtonKind::Quiet
                        label="Wrap"
                        pressed=wrapped.into()
                        on_press=Callback::new(move |()| wrapped.update(|wrapped| *wrapped = !*wrapped))
                    />
                    <ActionButton
                        kind=ButtonKind::Quiet
                        label="Follow"
                        pressed=following.into()
                        on_press=Callback::new(move |()| following.update(|f| *f = !*f))
                    />
                </div>
            </div>
            <div
                class="log-lines"
                role="log"
                aria-live="off"
                aria-label="Log"
                tabindex="0"
                node_ref=list
                on:scroll=move |_| measure()
            >
                <Show
                    when=move || !lines.read().is_empty()
                    fallback=move || view! { <p class="log-empty">{empty.clone()}</p> }
                >
                    <div class="log-sheet">
                        <Spacer lines=Signal::derive(move || shown.get().before) />
                        <For
                            each=move || visible(lines, shown.get())
                            key=|line| line.position
                            children=|line| line_view(&line, text_view(&line.text))
                        />
                        <Spacer lines=Signal::derive(move || shown.get().after) />
                    </div>
                </Show>
            </div>
        </div>
    }
}

/// Space for lines that are not in the page.
///
/// A script sets the height, never an attribute: the Content Security Policy forbids inline
/// styles.
#[component]
fn Spacer(lines: Signal<usize>) -> impl IntoView {
    let room = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let height = lines.get() * usize::try_from(LINE_HEIGHT).unwrap_or_default();
        if let Some(room) = room.get() {
            let room: HtmlElement = room.into();
            let _ = room.style().set_property("height", &format!("{height}px"));
        }
    });
    view! { <div node_ref=room></div> }
}

fn visible(lines: RwSignal<LogBuffer>, shown: Span) -> Vec<Line> {
    lines.read().slice(shown.before, shown.after)
}

fn as_count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
