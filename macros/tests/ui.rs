//! The macros' output for right declarations, and their errors for wrong ones.
//!
//! `TRYBUILD=overwrite cargo test -p macros` writes the expected errors anew; read the difference
//! before you keep it.

#[test]
fn valid_declarations_compile_and_invalid_ones_explain_themselves() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
