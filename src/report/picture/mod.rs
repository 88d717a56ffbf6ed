//! Reports as pictures (SVG): a panel for each thing that is counted, lines for what goes on from month to month, columns
//! for what stands side by side. A picture is to be looked at: what is exact stands in the tables.

mod draw;
mod panels;

use rust_decimal::Decimal;

/// How the values of a panel are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Lines,
    Columns,
}

/// Some values with one axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// With the unit: `Received, EUR`.
    pub title: String,
    pub shape: Shape,
    /// What stands below each place of the axis.
    pub places: Vec<String>,
    /// With a name each; `None`: there is no such number.
    pub series: Vec<(String, Vec<Option<Decimal>>)>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    #[error("there is nothing to draw")]
    Nothing,
    #[error("the picture could not be drawn: {0}")]
    Drawing(String),
}

impl Panel {
    /// Whether there is any number in it.
    fn has_values(&self) -> bool {
        self.series.iter().any(|(_, values)| values.iter().any(Option::is_some))
    }
}

/// The panels, one below the other, as an SVG document.
///
/// # Errors
/// When none of them has a value, or cannot be drawn.
pub fn svg(panels: &[Panel]) -> Result<String, PictureError> {
    let panels: Vec<&Panel> = panels.iter().filter(|p| p.has_values()).collect();
    if panels.is_empty() {
        return Err(PictureError::Nothing);
    }
    draw::all(&panels)
}
