//! The macros' output for right declarations, and their errors for wrong ones.
//!
//! `TRYBUILD=overwrite cargo test -p macros` writes the expected errors anew; read the difference
//! before you keep it.

#[test]
fn declarations_compile_or_are_told_what_is_wrong() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
