//! The strokes of a picture.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rust_decimal::prelude::ToPrimitive as _;

use super::{Panel, PictureError, Shape};

/// The width of a picture and the height of a panel, in pixels.
const SIZE: (u32, u32) = (960, 320);
/// One for each series, told apart also by those who see no colours: dark, middle, light.
const COLOURS: [RGBColor; 3] = [RGBColor(31, 78, 121), RGBColor(214, 121, 38), RGBColor(128, 128, 128)];
const FONT: &str = "sans-serif";
/// More places than these get no word each.
const WORDS: usize = 16;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

pub(super) fn all(panels: &[&Panel]) -> Result<String, PictureError> {
    let mut svg = String::new();
    {
        let height = SIZE.1 * u32::try_from(panels.len()).unwrap_or(u32::MAX / SIZE.1);
        let area = SVGBackend::with_string(&mut svg, (SIZE.0, height)).into_drawing_area();
        let draw = || -> Drawn {
            area.fill(&WHITE)?;
            for (part, panel) in area.split_evenly((panels.len(), 1)).iter().zip(panels) {
                one(part, panel)?;
            }
            Ok(area.present()?)
        };
        draw().map_err(|error| PictureError::Drawing(error.to_string()))?;
    }
    Ok(svg)
}

fn one(area: &Area<'_>, panel: &Panel) -> Drawn {
    let numbers: Vec<Vec<Option<f64>>> =
        panel.series.iter().map(|(_, values)| values.iter().map(|v| v.and_then(|v| v.to_f64())).collect()).collect();
    let values = || numbers.iter().flatten().flatten().copied();
    let (low, high) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    let high = if high > low { high } else { low + 1.0 };
    // Above the highest there is room for its number, or for the names of the series.
    let many = panel.series.len();
    let room = (high - low) * if many > 1 { 0.4 } else { 0.15 };
    let places = panel.places.len();
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        .caption(&panel.title, (FONT, 18))
        .x_label_area_size(34)
        .y_label_area_size(78)
        .build_cartesian_2d(
            (0..places.saturating_sub(1)).into_segmented(),
            (if low < 0.0 { low - room } else { 0.0 })..high + room,
        )?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(225, 225, 225))
        .axis_style(RGBColor(120, 120, 120))
        .label_style((FONT, 13))
        .x_labels(places.min(WORDS))
        .x_label_formatter(&|place| match place {
            SegmentValue::CenterOf(place) => panel.places.get(*place).cloned().unwrap_or_default(),
            _ => String::new(),
        })
        .y_labels(5)
        .y_label_formatter(&|value| grouped(*value))
        .draw()?;
    for (number, (values, (name, _))) in numbers.iter().zip(&panel.series).enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let points = values.iter().enumerate().filter_map(|(place, value)| Some((place, (*value)?)));
        let drawn = match panel.shape {
            Shape::Lines => {
                let at = |(place, value)| (SegmentValue::CenterOf(place), value);
                chart.draw_series(points.clone().map(|p| Circle::new(at(p), 3, colour.filled())))?;
                chart.draw_series(LineSeries::new(points.map(at), colour.stroke_width(2)))?
            }
            Shape::Columns => {
                let above = TextStyle::from((FONT, 12).into_font()).pos(Pos::new(HPos::Center, VPos::Bottom));
                let number = |(place, value)| Text::new(grouped(value), (SegmentValue::CenterOf(place), value), above.clone());
                chart.draw_series(points.clone().map(number))?;
                chart.draw_series(points.map(|(place, value)| {
                    let right = if place + 1 < places { SegmentValue::Exact(place + 1) } else { SegmentValue::Last };
                    let corners = [(SegmentValue::Exact(place), 0.0), (right, value)];
                    let mut column = Rectangle::new(corners, colour.filled());
                    column.set_margin(0, 0, 14, 14);
                    column
                }))?
            }
        };
        if many > 1 {
            drawn.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(3)));
        }
    }
    if many > 1 {
        let legend = &mut chart.configure_series_labels();
        legend.position(SeriesLabelPosition::UpperRight).label_font((FONT, 13)).background_style(WHITE).draw()?;
    }
    Ok(())
}

/// A number of the axis, its thousands apart; with a decimal only where there is one to see.
fn grouped(value: f64) -> String {
    let plain = if value.fract().abs() < 1e-9 { format!("{value:.0}") } else { format!("{value:.1}") };
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    format!("{sign}{}{rest}", groups.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_an_axis_can_be_read() {
        let said = [0.0, 1234.0, -1_234_567.0, 12.5, 100.0].map(grouped);
        assert_eq!(said, ["0", "1,234", "-1,234,567", "12.5", "100"]);
    }

    #[test]
    fn a_picture_has_its_words_and_a_stroke_for_each_number_and_no_word_is_markup() {
        let panel = |shape| Panel {
            title: "Days <of> \"EUR\" & more".to_owned(),
            shape,
            places: ["2026-01", "2026-02", "2026-03"].map(str::to_owned).into(),
            series: vec![
                ("DSO".to_owned(), vec![Some(31.into()), None, Some(45.into())]),
                ("best".to_owned(), vec![Some(20.into()), Some(22.into()), None]),
            ],
        };
        let svg = super::super::svg(&[panel(Shape::Lines), panel(Shape::Columns)]).unwrap();
        assert_eq!(svg.matches("<circle").count(), 4, "{svg}");
        let one = Panel {
            places: vec!["all".to_owned()],
            series: vec![(String::new(), vec![Some(7.into())])],
            ..panel(Shape::Columns)
        };
        assert!(super::super::svg(&[one]).unwrap().contains("all"));
        assert!(svg.contains("2026-02") && svg.contains("best") && !svg.contains("<of>"), "{svg}");
        let mut nothing = panel(Shape::Lines);
        nothing.series.iter_mut().for_each(|(_, values)| values.fill(None));
        assert!(matches!(super::super::svg(&[nothing]), Err(PictureError::Nothing)));
    }
}
