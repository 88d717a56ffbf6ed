//! `[aging]`.

use super::*;

#[test]
fn the_classes_of_aging_are_those_of_the_file_or_thirty_days_each() {
    assert_eq!(good(&file("", "")).aging.buckets, [30, 60, 90]);
    assert_eq!(good(&file("", "[aging]")).aging.buckets, [30, 60, 90]);
    assert_eq!(good(&file("", "[aging]\nbuckets = [7, 14]")).aging.buckets, [7, 14]);
    assert_eq!(good(&file("", "[aging]\nbuckets = 45")).aging.buckets, [45]);
}

#[test]
fn the_classes_of_aging_rise_and_there_is_one_at_least() {
    let rise = "the days of `buckets` rise; write them as in buckets = [30, 60, 90]";
    assert_below("[aging]\nbuckets = [30, 30]", 1, &format!("16 «30» {rise}"));
    assert_below("[aging]\nbuckets = [30, 7]", 1, &format!("16 «7» {rise}"));
    let zero = "a class ends on day 1 or later; what is not due has a class of its own";
    assert_below("[aging]\nbuckets = [0, 7]", 1, &format!("12 «0» {zero}"));
    let empty = "the list is empty; write the last day of each class, such as buckets = [30, 60, 90]";
    assert_below("[aging]\nbuckets = []", 1, &format!("11 «[]» {empty}"));
    assert!(only(&file("", "[aging]\nbuckets = [1,2,3,4,5,6,7,8,9,10,11,12,13]")).contains("13 classes fit on no page"));
    assert_below("[aging]\nbucket = [30]", 1, "1 «bucket» unknown key `bucket`; did you mean `buckets`?");
}
