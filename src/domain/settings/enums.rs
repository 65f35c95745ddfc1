//! The enums of the settings JSON (06 §1.2): most are recorded as numbers, a few as names.

use super::enumeration::enumeration;

enumeration! {
    /// How edited cells of a list open.
    pub enum GridEditorType: number = None {
        None = 0,
        Grid = 10,
        Dialog = 20,
    }
}

enumeration! {
    /// What an aggregation of a list computes.
    pub enum AggregationType: number = Count {
        Count = 0,
        Total = 1,
        Average = 2,
    }
}

enumeration! {
    /// Which columns the default export has (06 §1.12).
    pub enum StandardExportType: number = Default {
        Default = 0,
        Grid = 1,
        Editor = 2,
    }
}

enumeration! {
    /// When an update makes a version.
    pub enum AutoVerUpType: number = Default {
        Default = 1,
        Always = 2,
        Disabled = 3,
    }
}

enumeration! {
    /// Where the screen goes after a creation.
    pub enum AfterCreateActionType: number = Default {
        Default = 0,
        ReturnToList = 1,
        OpenNewEditor = 2,
    }
}

enumeration! {
    /// Where the screen goes after an update.
    pub enum AfterUpdateActionType: number = Default {
        Default = 0,
        ReturnToList = 1,
        MoveToNextRecord = 2,
    }
}

enumeration! {
    /// How a view's `Search` is matched (05 §11).
    pub enum SearchMethod: number = PartialMatch {
        FullText = 10,
        PartialMatch = 15,
        MatchInFrontOfTitle = 20,
        BroadMatchOfTitle = 30,
    }
}

enumeration! {
    /// Where the screen keeps the view in use.
    pub enum SaveViewType: number = Session {
        None = 0,
        Session = 1,
        User = 2,
    }
}

enumeration! {
    /// When automatic numbers start again.
    pub enum ResetType: name = None {
        None = 0,
        Year = 10,
        Month = 20,
        Day = 30,
        String = 90,
    }
}

enumeration! {
    /// How numbers are rounded.
    pub enum RoundingType: number = AwayFromZero {
        AwayFromZero = 10,
        Ceiling = 20,
        Truncate = 30,
        Floor = 40,
        ToEven = 50,
    }
}

enumeration! {
    /// How texts of a list or editor are aligned.
    pub enum TextAlign: number = Left {
        Left = 10,
        Center = 15,
        Right = 20,
    }
}

enumeration! {
    /// What the filter of a check column offers.
    pub enum CheckFilterControlType: number = OnOnly {
        OnOnly = 1,
        OnAndOff = 2,
    }
}

enumeration! {
    /// How a filter matches texts (05 §9.6).
    pub enum SearchType: name = PartialMatch {
        PartialMatch = 1,
        ExactMatch = 2,
        ForwardMatch = 3,
        PartialMatchMultiple = 11,
        ExactMatchMultiple = 12,
        ForwardMatchMultiple = 13,
    }
}

enumeration! {
    /// What of a column goes into `Items.FullText`.
    pub enum FullTextType: number = None {
        None = 0,
        DisplayName = 1,
        Value = 2,
        ValueAndDisplayName = 3,
    }
}

enumeration! {
    /// What a lookup copies.
    pub enum LookupType: number = Value {
        Value = 0,
        DisplayName = 1,
    }
}

enumeration! {
    /// How a formula's node is joined to the one before it.
    pub enum OperatorType: number = NotSet {
        NotSet = 0,
        Addition = 1,
        Subtraction = 2,
        Multiplication = 3,
        Division = 4,
    }
}

enumeration! {
    /// On which screen a process is offered.
    pub enum ScreenType: number = Edit {
        New = 10,
        Edit = 20,
    }
}

enumeration! {
    /// When a process runs.
    pub enum ProcessExecutionType: number = AddedButton {
        AddedButton = 0,
        CreateOrUpdate = 10,
        AddedButtonOrCreateOrUpdate = 20,
    }
}

enumeration! {
    /// What a process does with the record.
    pub enum ProcessActionType: number = Save {
        Save = 0,
        PostBack = 10,
        None = 90,
    }
}

enumeration! {
    /// Where the screen goes after a process.
    pub enum AfterProcessStatusChangeActionType: number = Default {
        Default = 0,
        ReturnToList = 10,
    }
}

enumeration! {
    /// How a process's input checks combine with those of the table.
    pub enum ValidationType: number = Merge {
        Merge = 0,
        Replacement = 10,
        None = 90,
    }
}

enumeration! {
    /// What a process's data change assigns (03 §15.3).
    pub enum DataChangeType: name = CopyValue {
        CopyValue = 10,
        CopyDisplayValue = 20,
        InputValue = 30,
        InputValueFormula = 40,
        InputDate = 50,
        InputDateTime = 60,
        InputUser = 70,
        InputDept = 80,
    }
}

enumeration! {
    /// What a status control asks of a column; only screens enforce it.
    pub enum ControlConstraint: name = None {
        None = 0,
        Required = 10,
        ReadOnly = 20,
        Hidden = 30,
    }
}

enumeration! {
    /// Through what a notification goes out.
    pub enum NotificationType: number = Mail {
        Mail = 1,
        Slack = 2,
        ChatWork = 3,
        Line = 4,
        LineGroup = 5,
        Teams = 6,
        RocketChat = 7,
        InCircle = 8,
        HttpClient = 9,
        LineWorks = 10,
    }
}

enumeration! {
    /// The HTTP method of a notification through `HttpClient`.
    pub enum MethodType: number = Get {
        Get = 1,
        Post = 2,
        Put = 3,
        Delete = 4,
    }
}

enumeration! {
    /// How the conditions before and after a change combine.
    pub enum ConditionExpression: number = Or {
        Or = 1,
        And = 2,
    }
}

enumeration! {
    /// Through what a reminder goes out.
    pub enum ReminderType: number = Mail {
        Mail = 1,
        Slack = 2,
        ChatWork = 3,
        Line = 4,
        LineGroup = 5,
        Teams = 6,
        RocketChat = 7,
        InCircle = 8,
        LineWorks = 9,
    }
}

enumeration! {
    /// How often a reminder goes out.
    pub enum RepeatType: number = Daily {
        Daily = 10,
        Weekly = 20,
        NumberWeekly = 30,
        Monthly = 40,
        EndOfMonth = 50,
        Yearly = 60,
    }
}

enumeration! {
    /// The format of an export.
    pub enum ExportType: number = Csv {
        Csv = 0,
        Json = 1,
    }
}

enumeration! {
    /// What an exported column holds.
    pub enum ExportColumnType: number = Value {
        Value = 0,
        Text = 1,
        TextMini = 2,
    }
}

enumeration! {
    /// What separates the cells of an export.
    pub enum DelimiterType: number = Comma {
        Comma = 0,
        Tab = 1,
    }
}

enumeration! {
    /// How an export is handed over.
    pub enum ExportExecutionType: number = Direct {
        Direct = 0,
        MailNotify = 1,
    }
}

enumeration! {
    /// Where a piece of HTML is put.
    pub enum HtmlPositionType: number = HeadTop {
        HeadTop = 1000,
        HeadBottom = 1010,
        BodyScriptTop = 9000,
        BodyScriptBottom = 9010,
    }
}

enumeration! {
    /// The direction of a sorter; `Release` is none.
    pub enum Order: lowercase = Asc {
        Asc = 0,
        Desc = 1,
        Release = 2,
    }
}

enumeration! {
    /// Whether answers hold record objects or key-value rows.
    pub enum ApiDataType: number = Default {
        Default = 0,
        KeyValues = 1,
    }
}

enumeration! {
    /// What names the members of key-value rows.
    pub enum ApiColumnKeyDisplayType: number = LabelText {
        LabelText = 0,
        ColumnName = 1,
    }
}

enumeration! {
    /// What the members of key-value rows hold.
    pub enum ApiColumnValueDisplayType: number = DisplayValue {
        DisplayValue = 0,
        Value = 1,
        Text = 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enums_are_read_from_numbers_names_and_texts() {
        for (json, expected) in [
            ("20", SearchMethod::MatchInFrontOfTitle),
            ("\"20\"", SearchMethod::MatchInFrontOfTitle),
            ("\"fulltext\"", SearchMethod::FullText),
            ("7", SearchMethod::Other(7)),
        ] {
            assert_eq!(serde_json::from_str::<SearchMethod>(json).unwrap(), expected, "{json}");
        }
        for json in ["\"Nope\"", "20.5", "true"] {
            assert!(serde_json::from_str::<SearchMethod>(json).is_err(), "{json}");
        }
    }
}
