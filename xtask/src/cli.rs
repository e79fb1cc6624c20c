//! The command line of `cargo xtask`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, value_parser};

use crate::test::{self, Part};

/// Task to run.
pub(crate) enum Task {
    /// Install everything that building and testing need.
    Setup {
        /// True to install the tools for development too.
        develops: bool,
    },
    /// Build the standard library for the browser from its source into a folder.
    BuildStd {
        /// Destination folder of the libraries.
        destination: PathBuf,
    },
    /// Build Berth and start it.
    Serve(ServeOptions),
    /// Run the tests.
    Test(test::Request),
    /// Run servers and runners under simulated time, network and faults.
    Simulate {
        /// Arguments of the simulation.
        arguments: Vec<String>,
    },
    /// Run the fuzzer.
    Fuzz {
        /// Arguments of the fuzzer: the target and the time.
        arguments: Vec<String>,
    },
    /// Measure speed and size.
    Bench {
        /// Names of the measures to run; empty for all.
        arguments: Vec<String>,
    },
}

/// Options passed on to `berthd serve`.
///
/// For absent ones, its own configuration decides.
pub(crate) struct ServeOptions {
    /// Folder for the database, the keys and all other data of Berth.
    pub(crate) data_dir: Option<PathBuf>,
    /// Port of the dashboard.
    pub(crate) port: Option<u16>,
}

/// Parses the command line; exits with a usage message if it is invalid.
pub(crate) fn parse() -> Task {
    task(&command().get_matches())
}

fn command() -> Command {
    Command::new("cargo xtask")
        .bin_name("cargo xtask")
        .about("Development tasks for contributors and CI")
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("setup")
                .about("Install everything that `serve` and `test` need")
                .arg(
                    Arg::new("develop")
                        .long("develop")
                        .action(ArgAction::SetTrue)
                        .help("Also install `cargo leptos`, which rebuilds on each change"),
                ),
        )
        .subcommand(
            Command::new("build-std")
                .about("Build the standard library for the browser from Debian's source package")
                .hide(true)
                .arg(
                    Arg::new("destination")
                        .required(true)
                        .value_parser(value_parser!(PathBuf)),
                ),
        )
        .subcommand(
            Command::new("serve")
                .about("Install missing tools, build Berth and start it")
                .arg(
                    Arg::new("data-dir")
                        .long("data-dir")
                        .value_name("FOLDER")
                        .value_parser(value_parser!(PathBuf))
                        .help("Folder for Berth's database and keys [default: ./data]"),
                )
                .arg(
                    Arg::new("port")
                        .long("port")
                        .value_name("PORT")
                        .value_parser(value_parser!(u16))
                        .help("Port of the dashboard [default: 3000]"),
                ),
        )
        .subcommand(
            Command::new("test")
                .about("Install missing tools and run the tests")
                .arg(
                    Arg::new("part")
                        .value_name("PART")
                        .action(ArgAction::Append)
                        .value_parser(PossibleValuesParser::new(Part::ALL.map(Part::name)))
                        .help("Parts to run [default: all]"),
                )
                .arg(
                    Arg::new("changed")
                        .long("changed")
                        .action(ArgAction::SetTrue)
                        .help("Run only the tests that changes since the main branch can break"),
                ),
        )
        .subcommand(
            Command::new("simulate")
                .about("Run the simulation with many seeds, or one seed with a trace")
                .arg(number("seeds", "Number of seeds to run [default: 1000]"))
                .arg(number("from", "First seed [default: 1]"))
                .arg(
                    number("seed", "Run only this seed, and print its trace")
                        .conflicts_with_all(["seeds", "from"]),
                ),
        )
        .subcommand(
            Command::new("fuzz")
                .about("Fuzz the parsers of untrusted input")
                .arg(
                    Arg::new("arguments")
                        .value_name("TARGET] [--seconds N] [--seed N")
                        .num_args(0..)
                        .trailing_var_arg(true)
                        .allow_hyphen_values(true)
                        .help("Target, duration and seed [default: every target for 60 s]"),
                ),
        )
        .subcommand(
            Command::new("bench")
                .about("Run benchmarks and write the results to docs/BENCHMARKS.md")
                .arg(
                    Arg::new("arguments")
                        .value_name("MEASURE")
                        .num_args(0..)
                        .trailing_var_arg(true)
                        .allow_hyphen_values(true)
                        .help("Benchmarks to run; results are printed, not written [default: all]"),
                ),
        )
}

fn number(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("NUMBER")
        .value_parser(value_parser!(u64))
        .help(help)
}

fn task(matches: &ArgMatches) -> Task {
    match matches.subcommand() {
        Some(("serve", serve)) => Task::Serve(ServeOptions {
            data_dir: serve.get_one("data-dir").cloned(),
            port: serve.get_one("port").copied(),
        }),
        Some(("test", test)) => Task::Test(test::Request {
            only_changed: test.get_flag("changed"),
            parts: test
                .get_many::<String>("part")
                .into_iter()
                .flatten()
                .filter_map(|name| Part::named(name))
                .collect(),
        }),
        Some(("build-std", build)) => Task::BuildStd {
            destination: build.get_one("destination").cloned().unwrap_or_default(),
        },
        Some(("simulate", simulate)) => Task::Simulate {
            arguments: simulation(simulate),
        },
        Some(("fuzz", fuzz)) => Task::Fuzz {
            arguments: fuzz
                .get_many("arguments")
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
        },
        Some(("bench", bench)) => Task::Bench {
            arguments: bench
                .get_many::<String>("arguments")
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
        },
        Some(("setup", setup)) => Task::Setup {
            develops: setup.get_flag("develop"),
        },
        _ => Task::Setup { develops: false },
    }
}

/// Returns the arguments of the simulation; a single seed also gets a trace.
fn simulation(matches: &ArgMatches) -> Vec<String> {
    let mut arguments = Vec::new();
    for name in ["seeds", "from", "seed"] {
        if let Some(number) = matches.get_one::<u64>(name) {
            arguments.extend([format!("--{name}"), number.to_string()]);
        }
    }
    if matches.contains_id("seed") {
        arguments.push("--trace".to_owned());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn parts_are_read_in_the_order_given() {
        let matches = command().get_matches_from(["cargo xtask", "test", "db", "fmt"]);
        let Task::Test(request) = task(&matches) else {
            panic!("not a test task");
        };
        assert_eq!(request.parts, [Part::Db, Part::Fmt]);
        assert!(!request.only_changed);
    }

    #[test]
    fn arguments_of_the_fuzzer_are_passed_on() {
        let words = ["cargo xtask", "fuzz", "dotenv", "--seconds", "5"];
        let Task::Fuzz { arguments } = task(&command().get_matches_from(words)) else {
            panic!("no fuzzing");
        };
        assert_eq!(arguments, ["dotenv", "--seconds", "5"]);
    }

    #[test]
    fn a_single_seed_is_shown() {
        let told = |line: &[&str]| {
            let words = ["cargo xtask", "simulate"].iter().chain(line);
            let Task::Simulate { arguments } = task(&command().get_matches_from(words)) else {
                panic!("not a simulation");
            };
            arguments.join(" ")
        };
        assert_eq!(told(&[]), "");
        assert_eq!(told(&["--seeds", "9", "--from", "5"]), "--seeds 9 --from 5");
        assert_eq!(told(&["--seed", "7"]), "--seed 7 --trace");
    }

    #[test]
    fn an_unknown_part_is_refused() {
        assert!(
            command()
                .try_get_matches_from(["cargo xtask", "test", "nonsense"])
                .is_err()
        );
    }
}
