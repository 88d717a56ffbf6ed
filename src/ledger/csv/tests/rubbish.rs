//! Whatever the bytes are: no panic, every row counted; and what was written is read back.

use proptest::prelude::*;

use super::{read, try_read};
use crate::ledger::settings::Import;
use crate::ledger::{Customer, InvoiceRow, Payment};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words = ["id", "customer_id", "received_on", "amount", "currency", "name", "\"", ",", ";", "\t", "\r", "\n", "\0"];
    let words = words.map(|w| w.as_bytes().to_vec());
    let odd: [&[u8]; 7] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF", b"\xFC", "€".as_bytes(), b"2026-03-02", b"-1,5"];
    let pieces: Vec<Vec<u8>> = words.into_iter().chain(odd.map(<[u8]>::to_vec)).collect();
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        prop::collection::vec(prop::sample::select(pieces), 0..80).prop_map(|p| p.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rubbish_bytes_never_panic_and_every_row_is_counted(
        bytes in bytes(),
        header in prop::sample::select(vec!["", "id,name\n", "id;customer_id;received_on;amount;currency\n"]),
    ) {
        let text = [header.as_bytes(), &bytes].concat();
        if let Ok((rows, tally)) = try_read::<Customer>(&text, &Import::default()) {
            prop_assert_eq!(tally.rows, tally.bad_rows + rows.len() as u64);
        }
        if let Ok((rows, tally)) = try_read::<Payment>(&text, &Import::default()) {
            prop_assert_eq!(tally.rows, tally.bad_rows + rows.len() as u64);
        }
    }

    #[test]
    fn written_invoices_are_read_back_equal(
        rows in prop::collection::vec(("[A-Z0-9é/ ]{1,6}", -9_999_999_i64..9_999_999, 0_u64..3_000, "[a-zü\",;\n ]{0,9}"), 1..6),
        semicolon in any::<bool>(),
    ) {
        let delimiter = if semicolon { b';' } else { b',' };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["id", "customer_id", "due_date", "currency", "total", "po_number", "note"]).unwrap();
        let start = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        let mut expected = Vec::new();
        for (at, (customer, cents, days, note)) in rows.into_iter().enumerate() {
            let id = format!("I{at}");
            let customer = format!("C{}", customer.trim());
            let total = rust_decimal::Decimal::new(cents, 2);
            let due = start + chrono::Days::new(days);
            writer
                .write_record([&id, &customer, &due.to_string(), "EUR", &total.to_string(), &note, &note])
                .unwrap();
            let note = Some(note.trim().to_owned()).filter(|n| !n.is_empty());
            expected.push((id, customer, due, total, note.clone(), note));
        }
        let (read, tally) = read::<InvoiceRow>(writer.into_inner().unwrap(), "");
        prop_assert_eq!(tally.bad, vec![]);
        let read: Vec<_> = read
            .into_iter()
            .map(|r| (r.id, r.customer_id, r.due_date, r.total, r.po_number, r.extra.get("note").cloned()))
            .collect();
        prop_assert_eq!(read, expected);
    }
}
