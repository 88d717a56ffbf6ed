//! The sorter against the sort of the standard library.

use proptest::prelude::*;

use super::*;

fn sorted(rows: &[(Vec<u8>, Vec<u8>)], room: usize) -> Vec<Item> {
    let mut sorter = Sorter::with_room(&std::env::temp_dir(), room);
    for (number, (key, row)) in (0..).zip(rows) {
        sorter.push(key, number, row).unwrap();
    }
    let (mut sorted, mut item, mut all) = (sorter.finish().unwrap(), Item::default(), Vec::new());
    while sorted.next(&mut item).unwrap() {
        all.push(item.clone());
    }
    all
}

proptest! {
    #[test]
    fn rows_come_by_key_and_number_whether_they_fit_or_not(
        rows in prop::collection::vec((prop::collection::vec(0_u8..3, 0..12), prop::collection::vec(any::<u8>(), 0..60)), 0..200),
        room in 64_usize..8_000,
    ) {
        let mut wanted: Vec<Item> = (0..).zip(&rows).map(|(number, (key, row))| Item { key: key.clone(), number, row: row.clone() }).collect();
        wanted.sort_by(|a, b| (&a.key, a.number).cmp(&(&b.key, b.number)));
        prop_assert_eq!(&sorted(&rows, room), &wanted);
        prop_assert_eq!(&sorted(&rows, ROOM), &wanted);
    }
}

#[test]
fn a_row_may_be_longer_than_what_is_read_at_once() {
    let rows = [(b"b".to_vec(), vec![1; AHEAD * 3]), (b"a".to_vec(), vec![2; AHEAD + 1])];
    let all = sorted(&rows, 64);
    assert_eq!(
        all.iter().map(|i| (i.key.as_slice(), i.row.len())).collect::<Vec<_>>(),
        [(b"a".as_slice(), AHEAD + 1), (b"b".as_slice(), AHEAD * 3)]
    );
}
