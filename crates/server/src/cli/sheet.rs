//! Text for people: labels and values under one another, and tables with columns as wide as what stands in them. Owns
//! alignment; the words are the commands'.

/// Labels with values. What has no value is left out.
#[derive(Default)]
pub(crate) struct Sheet(Vec<(&'static str, Vec<String>)>);

impl Sheet {
    /// Adds a label and its value.
    pub(crate) fn with(self, label: &'static str, value: impl ToString) -> Self {
        self.with_all(label, [value])
    }

    /// Adds a label if there is a value.
    pub(crate) fn with_some(self, label: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(label, value),
            None => self,
        }
    }

    /// Adds a label and its values, one under another.
    pub(crate) fn with_all(
        mut self,
        label: &'static str,
        values: impl IntoIterator<Item = impl ToString>,
    ) -> Self {
        let values = values.into_iter().map(|value| value.to_string()).filter(|value| !value.is_empty());
        let values: Vec<_> = values.collect();
        if !values.is_empty() {
            self.0.push((label, values));
        }
        self
    }

    /// The sheet, indented.
    pub(crate) fn text(&self) -> String {
        let width = self.0.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        let mut text = String::new();
        for (label, values) in &self.0 {
            for (position, line) in values.iter().flat_map(|value| value.lines()).enumerate() {
                let label = if position == 0 { label } else { "" };
                text.push_str(&format!("  {label:<width$}  {line}\n"));
            }
        }
        text
    }
}

/// Rows under headings.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(ToString::to_string).collect()] }
    }

    /// The same with one more row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table; nothing stands behind the last column.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_under_one_another_and_what_is_absent_is_left_out() {
        let sheet = Sheet::default()
            .with("name", "Billing")
            .with("description of some length", "")
            .with_some("lifetime", None::<i64>)
            .with_all("redirect_uris", ["https://a.example/cb", "https://b.example/cb"]);
        assert_eq!(
            sheet.text(),
            "  name           Billing\n  redirect_uris  https://a.example/cb\n                 https://b.example/cb\n"
        );
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["name", "status"]);
        table.row(["Zürich".to_owned(), "active".to_owned()]);
        table.row(["a".to_owned(), String::new()]);
        assert_eq!(table.text(), "name    status\nZürich  active\na\n");
    }
}
