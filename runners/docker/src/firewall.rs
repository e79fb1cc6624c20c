//! The firewall: nftables rules that keep apps away from the host.
//!
//! Apps are on bridges of the host, from where they could reach whatever listens on it, and
//! the metadata service of its cloud, which hands out credentials to any client on the host.
//! The engine has no setting against that. So the runner has a table of its own in nftables,
//! managed over netlink without starting a program.
//!
//! A packet passes only when no table drops it. So of two runners on one engine, the stricter
//! policy holds for the apps of both, and neither touches the other's table.

mod nameservers;
mod rules;

use std::{ffi::OsStr, fs};

use bollard::Docker;
use models::runner::{AppFirewall, AppReach};
use nlink::{
    Connection, Nftables,
    netlink::nftables::{BaseChain, Chain, Family, FilterHook, Priority, Rule},
};
use runner_common::Owner;
use tokio::sync::Mutex;
use tracing::{info, warn};

use self::rules::Rules;
use crate::network::{self, DEVICE};

/// The kernel's list of devices in this process's network namespace.
const DEVICES: &str = "/sys/class/net";
/// Prefix of the name of each runner's table.
const TABLE: &str = "berth";
/// Number of a mark's digits in the table's name, to tell runners apart.
const TABLE_DIGITS: usize = 12;
const TO_OUTSIDE: &str = "outside";
const TO_HOST: &str = "host";
/// Priority before the host's own firewall, whose verdict may be final.
const EARLY: Priority = Priority::Custom(-10);

/// The rules on the destinations of a host's apps.
#[derive(Debug)]
pub(crate) struct Firewall {
    reach: AppReach,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The active rules, and the generation of the rule set in which they were seen.
    active: Option<(Rules, Option<u32>)>,
    reported: Option<AppFirewall>,
}

/// Reasons why the rules have no effect.
#[derive(Debug, thiserror::Error)]
enum FirewallError {
    #[error(
        "the kernel rejected the nftables rules; run the runner as root or grant it CAP_NET_ADMIN"
    )]
    Refused(#[source] nlink::Error),
    #[error("the apps' networks are not in the runner's network namespace")]
    Elsewhere,
}

impl Firewall {
    pub(crate) fn new(reach: AppReach) -> Self {
        Self {
            reach,
            state: Mutex::default(),
        }
    }

    /// Ensures that the rules are active, and returns their state. Cheap when nothing changed.
    pub(crate) async fn maintain(&self, owner: &Owner, docker: &Docker) -> AppFirewall {
        let mut state = self.state.lock().await;
        let applied = self.try_apply(owner, &mut state).await;
        if matches!(applied, Err(FirewallError::Elsewhere)) && network::is_missing(docker).await {
            // A bridge comes with its network; until then there is no app.
            return state.reported.unwrap_or(AppFirewall::Unavailable);
        }
        let now = match &applied {
            Ok(()) if self.reach.is_everything() => AppFirewall::Open,
            Ok(()) => AppFirewall::Closed,
            Err(_) => AppFirewall::Unavailable,
        };
        if state.reported != Some(now) {
            match applied {
                Ok(()) => {
                    info!(firewall = ?now, "firewall active: apps can reach only what the host policy allows");
                }
                Err(error) => warn!(
                    error = &error as &dyn std::error::Error,
                    "firewall unavailable: apps can reach other ports of this host and its cloud's \
                     metadata service"
                ),
            }
        }
        state.reported = Some(now);
        now
    }

    async fn try_apply(&self, owner: &Owner, state: &mut State) -> Result<(), FirewallError> {
        let table = table(owner);
        let connection = Connection::<Nftables>::new().map_err(FirewallError::Refused)?;
        if self.reach.is_everything() {
            let removed = connection.del_table_if_exists(table.as_str(), Family::Inet);
            // Without the right to remove rules, the runner never set any either.
            return match removed.await {
                Err(error) if !error.is_permission_denied() => Err(FirewallError::Refused(error)),
                _ => Ok(()),
            };
        }
        let rules = Rules::new(&self.reach, &nameservers::read());
        let applied = reapply(&connection, &table, rules, &mut state.active).await;
        if applied.is_err() {
            state.active = None;
        }
        applied.map_err(FirewallError::Refused)?;
        if has_bridge() {
            Ok(())
        } else {
            Err(FirewallError::Elsewhere)
        }
    }
}

/// True if the bridge of any of Berth's networks is a device here.
///
/// The rules match the beginning of the name, so they hold for bridges that come later.
fn has_bridge() -> bool {
    let devices = fs::read_dir(DEVICES).into_iter().flatten().flatten();
    devices
        .map(|device| device.file_name())
        .any(|name| is_bridge(&name))
}

fn is_bridge(device: &OsStr) -> bool {
    device.as_encoded_bytes().starts_with(DEVICE.as_bytes())
}

/// Returns the name of a runner's table.
fn table(owner: &Owner) -> String {
    let mark = owner.mark(&["packet filter"]);
    let digits = mark.get(..TABLE_DIGITS).unwrap_or(&mark);
    format!("{TABLE}-{digits}")
}

/// Restores the table unless it is there unchanged.
///
/// Other programs change the rule set all the time, the engine above all. The table is compared
/// only after such a change.
async fn reapply(
    connection: &Connection<Nftables>,
    table: &str,
    rules: Rules,
    active: &mut Option<(Rules, Option<u32>)>,
) -> nlink::Result<()> {
    let generation = connection.generation().await?;
    if let Some((current, seen)) = active
        && *current == rules
    {
        if *seen == Some(generation) {
            return Ok(());
        }
        if connection.list_rules(table, Family::Inet).await?.len() == rules.len() {
            *seen = Some(generation);
            return Ok(());
        }
    }
    replace(connection, table, &rules).await?;
    *active = Some((rules, None));
    Ok(())
}

/// Replaces the table in one transaction: there is no moment without rules.
async fn replace(
    connection: &Connection<Nftables>,
    table: &str,
    rules: &Rules,
) -> nlink::Result<()> {
    let chain = |name: &str, hook, priority| {
        let chain = Chain::new(table, name)?.family(Family::Inet);
        nlink::Result::Ok(chain.base(BaseChain::filter(hook, priority)))
    };
    let mut transaction = connection
        .transaction()
        // The table is added first: a removal fails when there is none.
        .update_table(table, Family::Inet, 0)
        .del_table(table, Family::Inet)
        .add_table(table, Family::Inet)
        .add_chain(chain(TO_OUTSIDE, FilterHook::Prerouting, Priority::Raw)?)
        .add_chain(chain(TO_HOST, FilterHook::Input, EARLY)?);
    let outside = rules.to_outside.iter().map(|rule| (TO_OUTSIDE, rule));
    let host = rules.to_host.iter().map(|rule| (TO_HOST, rule));
    for (chain, rule) in outside.chain(host) {
        transaction = transaction.add_rule(Rule::from_spec(table, chain, rule.clone()));
    }
    transaction.commit(connection).await
}

#[cfg(test)]
mod tests {
    use super::is_bridge;
    use crate::network::DEVICE_PREFIX;

    #[test]
    fn the_bridge_of_a_private_network_is_one_without_the_shared_one() {
        let private = format!("{DEVICE_PREFIX}0123abcd9");
        for device in ["berth", &private] {
            assert!(is_bridge(device.as_ref()), "{device}");
        }
        for device in ["lo", "docker0", "br-berth"] {
            assert!(!is_bridge(device.as_ref()), "{device}");
        }
    }
}
