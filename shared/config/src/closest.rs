//! Which name somebody may have meant.

/// The name that is nearest to what was given, where one is near: about one letter of four may be another.
pub fn closest<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let near_max = 1 + given.chars().count() / 4;
    names
        .map(|name| (distance(&given.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= near_max)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters have to be put in, left out or changed to make one text of the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (position, letter) in from.chars().enumerate() {
        let mut next = vec![position + 1];
        for ((&other, &changed), &left_out) in to.iter().zip(&row).zip(row.iter().skip(1)) {
            let put_in = next.last().copied().unwrap_or(0);
            let changed = changed + usize::from(letter != other);
            next.push(changed.min(left_out + 1).min(put_in + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn a_distance_is_the_number_of_letters_that_differ() {
        for (from, to, expected) in
            [("", "", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("abc", "acb", 2)]
        {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_name_that_is_far_from_all_of_them_is_none_of_them() {
        let names = ["tags-can-move", "tag-moved", "scan-out-of-date"];
        assert_eq!(closest("tags-can-moves", names.into_iter()), Some("tags-can-move"));
        assert_eq!(closest("TAG-MOVD", names.into_iter()), Some("tag-moved"));
        assert_eq!(closest("encryption", names.into_iter()), None);
    }
}
