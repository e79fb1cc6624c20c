//! A log line as a row of the page.

use leptos::prelude::*;
use models::{
    ansi::{TextStyle, spans},
    deployment::LogStream,
};

use super::{Line, ansi};

/// Number of lines after the linked one that a link shows; they often explain it.
const BEHIND: i64 = 50;

/// Renders a row.
///
/// The time links to the line among its neighbors, the stream to the lines of its instance;
/// both are addresses within the page of the log.
pub(super) fn line_view(line: &Line, text: AnyView) -> impl IntoView + use<> {
    let (class, stream) = match line.stream {
        LogStream::Stdout => ("log-line", "out"),
        LogStream::Stderr => ("log-line log-stderr", "err"),
    };
    let id = format!("line-{}", line.position);
    let among = format!("?before={}#{id}", line.position.saturating_add(BEHIND));
    let instance = format!("?instance_id={}", line.instance_id);
    let printer = format!("Show only lines of instance {}", line.instance_id);
    view! {
        <div class=class id=id>
            <a class="log-time" href=among>
                <time datetime=line.at.clone() title=line.at.clone()>
                    {line.time_of_day().to_owned()}
                </time>
            </a>
            <a class="log-stream" href=instance title=printer>
                {stream}
            </a>
            <span class="log-text">{text} {line.is_cut.then(cut_view)}</span>
        </div>
    }
}

/// Marks a line that was cut.
fn cut_view() -> impl IntoView {
    view! {
        <span class="log-cut" title="Longer than 256 KiB: continues on the next line">
            "cut"
        </span>
    }
}

/// Renders a line's text in its styles.
pub(super) fn text_view(text: &str) -> AnyView {
    let pieces = spans(text).into_iter();
    let pieces = pieces.map(|piece| piece_view(piece.style, piece.text.into_any()));
    pieces.collect_view().into_any()
}

/// Renders a segment of a line in its style.
pub(super) fn piece_view(style: TextStyle, text: AnyView) -> AnyView {
    match ansi::class(style) {
        Some(class) => view! { <span class=class>{text}</span> }.into_any(),
        None => text,
    }
}
