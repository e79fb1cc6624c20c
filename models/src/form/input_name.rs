//! Names of inputs, and the fields that they stand for.

/// Returns the input name for a field.
///
/// For example, `spec.environment[0].name` becomes `spec[environment][0][name]`.
pub fn input_name(field_path: &str) -> String {
    let mut name = String::with_capacity(field_path.len() + 4);
    for (at, part) in field_path
        .split(['.', '[', ']'])
        .filter(|p| !p.is_empty())
        .enumerate()
    {
        if at == 0 {
            name.push_str(part);
        } else {
            name.push('[');
            name.push_str(part);
            name.push(']');
        }
    }
    name
}

/// Returns the field path of an input: the inverse of [`input_name`].
///
/// The path has the form of [`FieldError`](crate::error::FieldError).
pub fn field_path(input_name: &str) -> String {
    let mut path = String::with_capacity(input_name.len());
    for part in input_name.split(['[', ']']).filter(|p| !p.is_empty()) {
        if is_index(part) {
            path.push('[');
            path.push_str(part);
            path.push(']');
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
    }
    path
}

/// True if a part of an input name is the number of a row.
pub(super) fn is_index(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{field_path, input_name};

    #[test]
    fn input_names_and_field_paths_are_inverse() {
        for (path, input) in [
            ("name", "name"),
            ("spec.image", "spec[image]"),
            ("spec.environment[2].name", "spec[environment][2][name]"),
        ] {
            assert_eq!(input_name(path), input);
            assert_eq!(field_path(input), path);
        }
    }
}
