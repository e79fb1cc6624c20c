//! Lists, facts, code and other structure of pages.

use components::{
    button::LinkButton,
    chart::{SeriesColor, Sparkline, Unit},
    code::{CodeBlock, CodeInline},
    empty::EmptyState,
    facts::{Fact, Facts, NumberTile, Numbers},
    icon::Glyph,
    rows::{Row, Rows},
    section::{Card, Section},
    status::{Badge, Status},
    tabs::{Tab, Tabs},
};
use leptos::prelude::*;
use models::deployment::ReleasePhase;

use super::{Part, samples};

#[component]
pub(super) fn Structure() -> impl IntoView {
    let tab = |name: &str, is_current| Tab {
        name: name.to_owned(),
        href: "#main".to_owned(),
        is_current,
    };
    let tabs = vec![
        tab("Overview", true),
        tab("Logs", false),
        tab("Settings", false),
    ];
    view! {
        <Part title="Tabs">
            <Tabs label="Pages of an example" tabs=tabs />
        </Part>
        <Part title="Numbers">
            <Numbers>
                <NumberTile value="12" label="Deployments" href="#main" />
                <NumberTile value="11" label="Running" href="#main" />
                <NumberTile value="1 of 2" label="Runners connected" href="#main" />
            </Numbers>
        </Part>
        <Part title="Rows">
            <Rows label="Examples">
                <Row
                    title="hello"
                    href="#main".to_owned()
                    detail="localhost/berth/hello:latest on this-machine"
                    state=|| view! { <Badge status=Status::of_phase(ReleasePhase::Live) /> }
                    picture=Some(ViewFn::from(|| sparkline(40)))
                    end=|| "4 min ago"
                />
                <Row
                    title="a-name-as-long-as-a-label-of-a-host-name-may-be-which-is-63-chars"
                    href="#main".to_owned()
                    detail="registry.example.org/team/project/with/a/long/path:2026.11.21 on build-box"
                        .to_owned()
                    state=|| view! { <Badge status=Status::of_phase(ReleasePhase::Failed) /> }
                    picture=Some(ViewFn::from(|| sparkline(1)))
                    end=|| "2 days ago"
                />
            </Rows>
        </Part>
        <Part title="Facts">
            <Card>
                <Facts>
                    <Fact name="Image">
                        <code>"localhost/berth/hello:latest"</code>
                    </Fact>
                    <Fact name="Digest">
                        <CodeInline text="sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" />
                    </Fact>
                </Facts>
            </Card>
        </Part>
        <Part title="Code">
            <CodeBlock
                label="Example of a command"
                text="curl -b berth.cookies -X POST 'http://localhost:3000/api/v1/workspace' \\\n  -d '{\"name\": \"my-team\"}'"
                    .to_owned()
            />
        </Part>
        <Part title="Sections">
            <Section title="A section" lead="One sentence about the section.">
                <Card danger=true>
                    <p>"Its contents delete something."</p>
                </Card>
            </Section>
        </Part>
        <Part title="Empty states">
            <EmptyState
                glyph=Glyph::Deployment
                title="No deployments yet"
                sentence="A deployment is an app that a runner keeps running."
            >
                <LinkButton href="#main" label="Deploy the example app" />
            </EmptyState>
        </Part>
    }
}

fn sparkline(around: u64) -> impl IntoView {
    let line = samples::line("hello", SeriesColor::Series(0), 0..60, around);
    view! {
        <Sparkline
            title="CPU"
            unit=Unit::CpuMillis
            range=samples::chart_range()
            points=line.points
            least=20
        />
    }
}
