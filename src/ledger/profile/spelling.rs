//! How a file writes its dates and amounts: found out by the file as a whole, never row by row, and never guessed (L4).

/// What the cells say about several ways to read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This one, by its place among the ways; another one would read the same, or cannot read all.
    Way(usize),
    /// Two ways read all cells that either reads, and read this one differently.
    Either { cell: String, ways: (usize, usize) },
    /// The one cell can only be read the first way, the other only the second way.
    Mixed { cells: (String, String), ways: (usize, usize) },
}

/// Judges by all cells at once. `read` gives the value of a cell read in one way.
pub fn judge<T: PartialEq>(cells: &[&str], ways: usize, read: impl Fn(&str, usize) -> Option<T>) -> Verdict {
    let values: Vec<Vec<Option<T>>> = (0..ways).map(|way| cells.iter().map(|cell| read(cell, way)).collect()).collect();
    // A cell that this way reads, and the other one does not.
    let more = |way: usize, other: usize| (0..cells.len()).find(|at| values[way][*at].is_some() && values[other][*at].is_none());
    let worse = |way: usize| (0..ways).any(|other| more(other, way).is_some() && more(way, other).is_none());
    let left: Vec<usize> = (0..ways).filter(|way| !worse(*way)).collect();
    let Some(&first) = left.first() else { return Verdict::Way(0) };
    for other in left.iter().skip(1).copied() {
        if let (Some(one), Some(two)) = (more(first, other), more(other, first)) {
            return Verdict::Mixed { cells: (cells[one].to_owned(), cells[two].to_owned()), ways: (first, other) };
        }
        if let Some(at) = (0..cells.len()).find(|at| values[first][*at] != values[other][*at]) {
            return Verdict::Either { cell: cells[at].to_owned(), ways: (first, other) };
        }
    }
    Verdict::Way(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first way reads `1/…` to `12/…`, the second `…/1` to `…/12`.
    fn month(cell: &str, way: usize) -> Option<u32> {
        let parts: Vec<u32> = cell.split('/').map(|p| p.parse().unwrap()).collect();
        Some(parts[way]).filter(|m| *m <= 12).filter(|_| parts[1 - way] <= 31)
    }

    #[test]
    fn one_cell_that_can_be_read_in_one_way_only_decides_for_all() {
        assert_eq!(judge(&["4/5", "4/25", "1/2"], 2, month), Verdict::Way(0));
        assert_eq!(judge(&["4/5", "25/4"], 2, month), Verdict::Way(1));
    }

    #[test]
    fn what_can_be_read_both_ways_is_named_and_so_is_what_contradicts_itself() {
        assert_eq!(judge(&["5/5", "4/5"], 2, month), Verdict::Either { cell: "4/5".to_owned(), ways: (0, 1) });
        let cells = ("4/25".to_owned(), "25/4".to_owned());
        assert_eq!(judge(&["4/25", "4/5", "25/4"], 2, month), Verdict::Mixed { cells, ways: (0, 1) });
    }

    #[test]
    fn ways_that_read_the_same_and_no_cells_at_all_are_no_question() {
        assert_eq!(judge(&["5/5"], 2, month), Verdict::Way(0));
        assert_eq!(judge(&[], 2, month), Verdict::Way(0));
        // Rubbish that nobody reads decides nothing.
        assert_eq!(judge(&["99/99", "25/4"], 2, month), Verdict::Way(1));
    }
}
