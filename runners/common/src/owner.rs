//! Ownership marks: keyed hashes that prove which runner made an object.
//!
//! Ids come from the server, and a hostile server can name those of another runner. So
//! everything that a runner makes on a platform carries a message authentication code over its
//! ids, under a key that never leaves the runner's host. An object with the right ids but no
//! right mark is another's.

use std::{fmt, io};

use blake2::{
    Blake2bMac,
    digest::{Mac, consts::U32},
};
use models::{RunnerId, time::Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
/// Separates this key from others that are derived from the same secret.
const DOMAIN: &[u8] = b"berth runner owner, key 1\0";

/// Keyed `BLAKE2b` with 256 bits; see RFC 7693, 2.9.
type Blake2bMac256 = Blake2bMac<U32>;

/// The key of a runner's ownership marks. It is wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnerKey(Zeroizing<[u8; KEY_BYTES]>);

impl OwnerKey {
    /// Creates a random key.
    ///
    /// # Errors
    /// When the host gives no random bytes.
    pub fn random() -> io::Result<Self> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(key.as_mut_slice()).map_err(io::Error::other)?;
        Ok(Self(key))
    }

    /// Derives the key from a secret of at least 128 random bits.
    pub fn from_secret(secret: &[u8]) -> Self {
        let mut mac = mac(DOMAIN);
        mac.update(secret);
        Self(Zeroizing::new(mac.finalize().into_bytes().into()))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Hashes the parts, each after its length.
    ///
    /// The lengths keep any two lists of parts apart.
    fn over(&self, parts: &[&str]) -> Blake2bMac256 {
        let mut mac = mac(self.as_bytes());
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

impl fmt::Debug for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden key]")
    }
}

#[expect(
    clippy::expect_used,
    reason = "the library refuses keys of more than 64 bytes, and there are none"
)]
fn mac(key: &[u8]) -> Blake2bMac256 {
    <Blake2bMac256 as Mac>::new_from_slice(key).expect("the key is short enough")
}

/// The ownership marks of one runner, and the things it adopted without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    key: OwnerKey,
    adopted: Option<Adopted>,
}

/// Rule for things that a runner adopted though they bear no mark of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The runner id that they bear.
    pub runner_id: RunnerId,
    /// Only things made before this moment are adopted.
    pub before: Timestamp,
    /// True if things with a mark under another key are adopted too.
    ///
    /// Otherwise only those with no mark are, as versions without marks made them.
    pub any_mark: bool,
}

/// An object on a platform, with its claim of ownership.
#[derive(Clone, Copy, Debug)]
pub struct OwnershipClaim<'a> {
    /// The runner that it names.
    pub runner_id: RunnerId,
    /// The parts that its mark covers; the id of the runner must be among them.
    pub parts: &'a [&'a str],
    /// Its ownership mark; absent if it bears none.
    pub mark: Option<&'a str>,
    /// Creation time as the platform reports it; absent when it does not.
    pub made_at: Option<Timestamp>,
}

impl Owner {
    /// Creates the owner with this key, who adopted nothing.
    pub const fn new(key: OwnerKey) -> Self {
        Self { key, adopted: None }
    }

    pub(crate) fn with_adopted(mut self, adopted: Option<Adopted>) -> Self {
        self.adopted = adopted;
        self
    }

    /// Returns the mark over these parts, as 64 hex digits.
    pub fn mark(&self, parts: &[&str]) -> String {
        hex(&self.key.over(parts).finalize().into_bytes())
    }

    /// True if an object is this runner's: it bears the right mark, or was adopted.
    pub fn owns(&self, claim: &OwnershipClaim<'_>) -> bool {
        let has_mark = |mark: &str| {
            let bytes = unhex(mark);
            // Compares in constant time.
            bytes.is_some_and(|bytes| self.key.over(claim.parts).verify_slice(&bytes).is_ok())
        };
        claim.mark.is_some_and(has_mark)
            || self.adopted.as_ref().is_some_and(|one| one.covers(claim))
    }
}

impl Adopted {
    fn covers(&self, claim: &OwnershipClaim<'_>) -> bool {
        claim.runner_id == self.runner_id
            && claim.made_at.is_some_and(|made_at| made_at < self.before)
            && (self.any_mark || claim.mark.is_none())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| pairs.map(byte).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use models::{RunnerId, time::Timestamp};
    use uuid::Uuid;

    use super::{Adopted, Owner, OwnerKey, OwnershipClaim, hex, unhex};

    fn owner(secret: &str) -> Owner {
        Owner::new(OwnerKey::from_secret(secret.as_bytes()))
    }

    fn id(number: u128) -> RunnerId {
        RunnerId::from_uuid(Uuid::from_u128(number))
    }

    fn claim<'a>(parts: &'a [&'a str], mark: Option<&'a str>) -> OwnershipClaim<'a> {
        OwnershipClaim {
            runner_id: id(1),
            parts,
            mark,
            made_at: Some(Timestamp::from_micros(10)),
        }
    }

    #[test]
    fn a_mark_is_of_one_key_and_of_exactly_these_parts() {
        let (ours, others) = (owner("a"), owner("b"));
        let mark = ours.mark(&["container", "1", "23"]);
        assert_eq!(mark.len(), 64);
        assert!(ours.owns(&claim(&["container", "1", "23"], Some(&mark))));
        for parts in [
            &["container", "12", "3"][..],
            &["container", "123"],
            &["volume", "1", "23"],
            &["container", "1", "23", ""],
        ] {
            assert!(!ours.owns(&claim(parts, Some(&mark))), "{parts:?}");
        }
        assert!(!others.owns(&claim(&["container", "1", "23"], Some(&mark))));
    }

    #[test]
    fn an_object_without_a_complete_mark_belongs_to_another_runner() {
        let ours = owner("a");
        let mark = ours.mark(&["a"]);
        for wrong in ["", "0", "zz", &mark[..62], &format!("{mark}00"), "é"] {
            assert!(!ours.owns(&claim(&["a"], Some(wrong))), "{wrong:?}");
        }
        assert!(!ours.owns(&claim(&["a"], None)));
    }

    #[test]
    fn an_adopted_object_has_the_same_id_is_older_and_unmarked() {
        let adopted = |any_mark| Adopted {
            runner_id: id(1),
            before: Timestamp::from_micros(11),
            any_mark,
        };
        let ours = owner("a").with_adopted(Some(adopted(false)));
        let unmarked = claim(&["a"], None);
        assert!(ours.owns(&unmarked));
        for foreign in [
            OwnershipClaim {
                runner_id: id(2),
                ..unmarked
            },
            OwnershipClaim {
                made_at: Some(Timestamp::from_micros(11)),
                ..unmarked
            },
            OwnershipClaim {
                made_at: None,
                ..unmarked
            },
            claim(&["a"], Some("00")),
        ] {
            assert!(!ours.owns(&foreign), "{foreign:?}");
        }
        let all = owner("a").with_adopted(Some(adopted(true)));
        assert!(all.owns(&claim(&["a"], Some("00"))));
    }

    #[test]
    fn hex_is_read_as_it_was_written() {
        assert_eq!(unhex(&hex(&[0, 10, 255])), Some(vec![0, 10, 255]));
        for wrong in ["0", "+1", "0x", " 1"] {
            assert_eq!(unhex(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", OwnerKey::from_secret(b"a")), "[hidden key]");
    }
}
