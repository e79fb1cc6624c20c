//! Randomness of a process that follows from a seed.
//!
//! The keys of hash maps, the polling order of `tokio::select!`, ids, jitter, nonces and tokens
//! all come from the C library's `getrandom` in the end. A program that links this crate gets
//! this one instead. It is predictable, so nothing but a simulation may link it.

use std::{cell::Cell, slice};

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Seeds all randomness on this thread from now on. A thread without a seed has the seed 0.
pub fn seed(seed: u64) {
    STATE.set(seed);
}

/// Returns the next number of a sequence.
///
/// The algorithm is `SplitMix64` (Steele, Lea and Flood, 2014).
pub const fn step(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn next() -> u64 {
    STATE.with(|state| {
        let mut reached = state.get();
        let number = step(&mut reached);
        state.set(reached);
        number
    })
}

/// Replaces the C library's function.
///
/// # Safety
/// `buffer` points to `length` bytes that may be written.
#[expect(unsafe_code, reason = "a symbol of the C library is replaced")]
#[unsafe(no_mangle)]
unsafe extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    if buffer.is_null() || length == 0 {
        return 0;
    }
    // SAFETY: the caller promises it.
    let bytes = unsafe { slice::from_raw_parts_mut(buffer, length) };
    for chunk in bytes.chunks_mut(8) {
        let word = next().to_le_bytes();
        chunk.copy_from_slice(&word[..chunk.len()]);
    }
    length.cast_signed()
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "what a thread is dealt shows on another one"
)]
mod tests {
    use super::{seed, step};

    #[test]
    fn a_sequence_is_the_published_one() {
        let mut state = 1_234_567;
        let numbers = [(); 3].map(|()| step(&mut state));
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn a_seed_decides_the_order_of_a_hash_map() {
        let order = |of| {
            let ordering = std::thread::spawn(move || {
                seed(of);
                let set: std::collections::HashSet<u32> = (0..100).collect();
                set.into_iter().collect::<Vec<_>>()
            });
            ordering.join().unwrap()
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
    }
}
