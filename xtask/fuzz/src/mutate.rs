//! Mutation of existing inputs into new ones.

use crate::random::Random;

/// Maximum size of an input; larger ones find nothing more and take long.
const MAX_BYTES: usize = 16 * 1024;

/// Texts that are significant to some reader.
const DICTIONARY: [&[u8]; 58] = [
    b"\0",
    b"\x1b",
    b"\x1b[",
    b"\x1b]0;",
    b"\xc2\x9b",
    b"\x07",
    b"\x7f",
    b"\xff",
    b"\xc3",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\n",
    b"\r",
    b"\t",
    b" ",
    b"'",
    b"\"",
    b"\\",
    b"`",
    b"$(id)",
    b"${A}",
    b"$A",
    b";",
    b"#",
    b"=",
    b"&",
    b"%",
    b"%00",
    b"%2e%2e%2f",
    b"+",
    b"[",
    b"]",
    b"[]",
    b"[0]",
    b"[99999999999]",
    b"{",
    b"}",
    b":",
    b"@",
    b"//",
    b"/../",
    b"..",
    b".",
    b"-",
    b"*",
    b"?",
    b",",
    b"null",
    b"true",
    b"0",
    b"-1",
    b"9223372036854775808",
    b"1e999",
    b"\\u0000",
    b"\\ud800",
    b"export ",
    b"sha256:",
];

/// Returns `seed` with a few changes, possibly mixed with a part of `other`.
pub(crate) fn mutate(random: &mut Random, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut input = seed.to_vec();
    for _ in 0..=random.below(6) {
        change(random, &mut input, other);
    }
    input.truncate(MAX_BYTES);
    input
}

fn change(random: &mut Random, input: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(input.len() + 1);
    let end = at + random.below(input.len() - at + 1);
    match random.below(9) {
        0 => drop(input.drain(at..end)),
        1 => {
            let again: Vec<u8> = input.get(at..end).unwrap_or_default().to_vec();
            let times = 1 + random.below(40);
            insert(input, at, &again.repeat(times));
        }
        2 => {
            let from = random.below(other.len() + 1);
            let to = from + random.below(other.len() - from + 1);
            insert(input, at, other.get(from..to).unwrap_or_default());
        }
        3 => input.truncate(at),
        4 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = random.next().to_le_bytes()[0];
            }
        }
        5 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        6 => {
            let word = random.pick(&DICTIONARY).copied().unwrap_or_default();
            input.splice(at..end, word.iter().copied());
        }
        _ => {
            let word = random.pick(&DICTIONARY).copied().unwrap_or_default();
            insert(input, at, word);
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if input.len() + bytes.len() <= MAX_BYTES {
        input.splice(at..at, bytes.iter().copied());
    }
}
