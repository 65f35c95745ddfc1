//! Effective columns: definitions with a table's changes (06 §1.5, §1.6).

use std::sync::Arc;

use rust_decimal::Decimal;

use super::choices::{Choices, Subject};
use super::defaults::SettingsDefaults;
use super::definitions::Definition;
use super::document::{ColumnAccessControl, ColumnSettings, Link};
use super::enums::{CheckFilterControlType, FullTextType, ResetType, RoundingType, SearchType};
use super::rounding::round;
use crate::model::{ColumnClass, DataType};

/// A column of a table as every call sees it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, named by the reference"
)]
#[derive(Debug, Clone)]
pub struct Column {
    /// The name.
    pub name: String,
    /// What it is without the table's settings.
    pub definition: Arc<Definition>,
    label_text: Option<String>,
    /// How the screen edits it; `ChoicesText` lets it have choices.
    pub control_type: String,
    /// The text of its choices.
    pub choices_text: String,
    /// Its choices; empty unless [`has_choices`](Self::has_choices).
    pub choices: Choices,
    /// Whose ids its values are.
    pub subject: Subject,
    /// Whether a value is a JSON array of texts.
    pub multiple_selections: bool,
    /// Whether choices of users and links are looked up instead of loaded.
    pub use_search: bool,
    /// Whether the table has a link to a site for it.
    pub link: bool,
    /// Its default on create; none if empty.
    pub default_input: Option<String>,
    /// The format of dates in lists.
    pub grid_format: String,
    /// The format of dates in the editor.
    pub editor_format: String,
    /// The format of dates in exports.
    pub export_format: String,
    /// The format of numbers: `C`, `N` or a .NET format; empty is none.
    pub format: String,
    /// Whether a number may be absent instead of 0.
    pub nullable: bool,
    /// How many decimal places numbers are rounded to.
    pub decimal_places: u32,
    /// How numbers are rounded.
    pub rounding: RoundingType,
    /// What is shown behind numbers.
    pub unit: String,
    /// The lowest number.
    pub min: Decimal,
    /// The highest number; for texts the length that a title is cut to.
    pub max: Decimal,
    /// The step of the screen's control.
    pub step: Decimal,
    /// The length that a text may have at most.
    pub max_length: Option<Decimal>,
    /// The pattern that a text has to match; empty is none.
    pub server_regex: String,
    /// What is answered when it does not.
    pub regex_message: String,
    /// Whether a value may stand in one record only.
    pub no_duplication: bool,
    /// What is answered when it stands in another; empty is the usual message.
    pub duplicated_message: String,
    /// Whether the screen demands a value.
    pub validate_required: bool,
    /// What of it goes into `Items.FullText`.
    pub full_text_type: FullTextType,
    /// How filters match its texts.
    pub search_type: SearchType,
    /// What its filter offers, if it is a check column.
    pub check_filter_control_type: CheckFilterControlType,
    /// The numbers it gets on create.
    pub auto_numbering: Option<ColumnNumbering>,
    /// Whether an import may find records by it.
    pub import_key: bool,
    /// The style of its field; `field-rte` is rich text.
    pub field_css: String,
    /// Whether images may be put into its text.
    pub allow_image: bool,
    /// The rules for its files, if it is an attachments column.
    pub attachments: AttachmentRules,
    /// Who may create with it.
    pub create_access: ColumnAccessControl,
    /// Who may read it.
    pub read_access: ColumnAccessControl,
    /// Who may update it.
    pub update_access: ColumnAccessControl,
}

/// The three rights that a column can restrict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnRight {
    /// Giving it a value in a new record.
    Create,
    /// Seeing it.
    Read,
    /// Changing it.
    Update,
}

/// The automatic numbers of a column (03 §16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNumbering {
    /// The text with its placeholders.
    pub format: String,
    /// When numbers start again.
    pub reset_type: ResetType,
    /// The first number.
    pub default: i32,
    /// The distance of numbers.
    pub step: i32,
}

/// The rules for the files of an attachments column (03 §18.3); an absent limit limits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentRules {
    /// How many files.
    pub limit_quantity: Option<Decimal>,
    /// The size of a file in MB.
    pub limit_size: Option<Decimal>,
    /// The size of all files in MB.
    pub total_limit_size: Option<Decimal>,
    /// The size of a thumbnail.
    pub thumbnail_limit_size: Option<Decimal>,
    /// The size of a file in MB where files are kept in folders.
    pub local_folder_limit_size: Option<Decimal>,
    /// The size of all files in MB where files are kept in folders.
    pub local_folder_total_limit_size: Option<Decimal>,
    /// Where the bytes go.
    pub storage_provider: String,
    /// Whether files may be deleted.
    pub allow_delete: bool,
    /// Whether files of versions are kept.
    pub not_delete_exist_history: bool,
    /// Whether a file replaces one of its name.
    pub overwrite_same_file_name: bool,
}

impl Column {
    /// A column from its definition and settings; `links` are all of the table.
    pub(super) fn build(
        definition: &Arc<Definition>,
        settings: ColumnSettings,
        links: &[Link],
        general: &SettingsDefaults,
    ) -> Self {
        let texts = Defaults { definition, settings: &settings };
        let control_type = texts.control_type().to_owned();
        let choices_text = texts.choices_text().to_owned();
        let has_choices = texts.has_choices();
        let own: Vec<&Link> =
            links.iter().filter(|link| link.column_name == definition.name).collect();
        let choices =
            if has_choices { Choices::parse(&choices_text, &own) } else { Choices::default() };
        let default_input = settings.default_input.as_deref().unwrap_or(definition.default_input);
        let places = settings.decimal_places.unwrap_or(definition.decimal_places);
        let format =
            |own: &Option<String>, default: &str| own.clone().unwrap_or_else(|| default.to_owned());
        Self {
            name: definition.name.clone(),
            definition: Arc::clone(definition),
            control_type,
            choices_text,
            subject: choices.subject(),
            choices,
            multiple_selections: settings.multiple_selections.unwrap_or_default(),
            use_search: settings.use_search.unwrap_or(definition.use_search),
            link: own.iter().any(|link| link.site_id > 0),
            default_input: Some(default_input.to_owned()).filter(|text| !text.is_empty()),
            grid_format: format(&settings.grid_format, definition.grid_format),
            editor_format: format(&settings.editor_format, definition.editor_format),
            export_format: format(&settings.export_format, definition.export_format),
            nullable: settings.nullable.unwrap_or_default(),
            decimal_places: u32::try_from(places).unwrap_or_default(),
            rounding: settings.rounding_type.unwrap_or_default(),
            unit: format(&settings.unit, definition.unit),
            min: texts.clip(settings.min.unwrap_or_else(|| texts.min())),
            max: texts.clip(settings.max.unwrap_or_else(|| texts.max())),
            step: settings.step.unwrap_or(definition.step),
            max_length: settings.max_length.filter(|length| *length > Decimal::ZERO),
            no_duplication: settings.no_duplication.unwrap_or_default(),
            validate_required: settings.validate_required.unwrap_or(definition.validate_required),
            full_text_type: settings.full_text_type.unwrap_or(definition.full_text_type),
            search_type: settings.search_type.unwrap_or_else(|| texts.search_type()),
            check_filter_control_type: settings.check_filter_control_type.unwrap_or_default(),
            auto_numbering: numbering(&settings),
            import_key: settings.import_key.unwrap_or(definition.import_key),
            allow_image: settings.allow_image.unwrap_or(true),
            attachments: attachments(&settings, general),
            create_access: ColumnAccessControl::default_of(definition, ColumnRight::Create),
            read_access: ColumnAccessControl::default_of(definition, ColumnRight::Read),
            update_access: ColumnAccessControl::default_of(definition, ColumnRight::Update),
            format: settings.format.unwrap_or_default(),
            server_regex: settings.server_regex_validation.unwrap_or_default(),
            regex_message: settings.regex_validation_message.unwrap_or_default(),
            duplicated_message: settings.message_when_duplicated.unwrap_or_default(),
            field_css: settings.field_css.unwrap_or_default(),
            label_text: settings.label_text.filter(|text| !text.is_empty()),
        }
    }

    /// A column of a list that has no settings.
    pub fn of_row(definition: Definition) -> Self {
        let (own, general) = (ColumnSettings::default(), SettingsDefaults::default());
        Self::build(&Arc::new(definition), own, &[], &general)
    }

    /// The label, in a caller's language unless the table has its own.
    pub fn label(&self, language: &str) -> &str {
        self.label_text.as_deref().unwrap_or_else(|| self.definition.label(language))
    }

    /// How its values are stored.
    pub fn data_type(&self) -> DataType {
        self.definition.data_type
    }

    /// Its class, if it is an extension column.
    pub fn class(&self) -> Option<ColumnClass> {
        self.definition.class
    }

    /// Whether its values are chosen (06 §1.5).
    pub fn has_choices(&self) -> bool {
        self.control_type == "ChoicesText" && !self.choices_text.is_empty()
    }

    /// Whether its dates have no time of day.
    pub fn is_date_only(&self) -> bool {
        self.editor_format == "Ymd"
    }

    /// Who has a right on the column.
    pub fn access(&self, right: ColumnRight) -> &ColumnAccessControl {
        match right {
            ColumnRight::Create => &self.create_access,
            ColumnRight::Read => &self.read_access,
            ColumnRight::Update => &self.update_access,
        }
    }

    /// A number rounded as the column asks.
    pub fn round(&self, value: Decimal) -> Decimal {
        round(value, self.rounding, self.decimal_places)
    }
}

impl ColumnAccessControl {
    /// The rule of a column that the settings do not restrict.
    pub(super) fn default_of(definition: &Definition, right: ColumnRight) -> Self {
        let permission_type = match right {
            ColumnRight::Create => definition.create_access,
            ColumnRight::Read => 0,
            ColumnRight::Update => definition.update_access,
        };
        Self { column_name: definition.name.clone(), permission_type, ..Self::default() }
    }

    /// Whether it restricts nothing (06 §2.6, step 1).
    pub fn is_free(&self) -> bool {
        self.permission_type == 0
            && self.depts.is_empty()
            && self.groups.is_empty()
            && self.users.is_empty()
            && self.record_users.is_empty()
    }
}

/// What absent members of a column's settings default to; shared with recording.
pub(super) struct Defaults<'a> {
    pub(super) definition: &'a Definition,
    pub(super) settings: &'a ColumnSettings,
}

impl<'a> Defaults<'a> {
    fn control_type(&self) -> &'a str {
        self.settings.control_type.as_deref().unwrap_or(self.definition.control_type)
    }

    fn choices_text(&self) -> &'a str {
        self.settings.choices_text.as_deref().unwrap_or(self.definition.choices_text)
    }

    fn has_choices(&self) -> bool {
        self.control_type() == "ChoicesText" && !self.choices_text().is_empty()
    }

    pub(super) fn search_type(&self) -> SearchType {
        let multiple = self.settings.multiple_selections.unwrap_or_default();
        if self.has_choices() && !multiple {
            SearchType::ExactMatch
        } else {
            SearchType::PartialMatch
        }
    }

    pub(super) fn min(&self) -> Decimal {
        let own = self.settings.default_min_value.unwrap_or(self.definition.default_min);
        if self.is_num() && !own.is_zero() { own } else { self.definition.min }
    }

    pub(super) fn max(&self) -> Decimal {
        let own = self.settings.default_max_value.unwrap_or(self.definition.default_max);
        if self.is_num() && !own.is_zero() {
            own
        } else if self.definition.max > Decimal::ZERO {
            self.definition.max
        } else {
            Decimal::from(self.definition.max_length)
        }
    }

    fn is_num(&self) -> bool {
        self.definition.class == Some(ColumnClass::Num)
    }

    /// Brings a bound into what the database column holds.
    fn clip(&self, value: Decimal) -> Decimal {
        self.definition.digits_limit().map_or(value, |limit| value.clamp(-limit, limit))
    }
}

fn numbering(settings: &ColumnSettings) -> Option<ColumnNumbering> {
    let format =
        settings.auto_numbering_format.clone().filter(|format| !format.trim().is_empty())?;
    Some(ColumnNumbering {
        format,
        reset_type: settings.auto_numbering_reset_type.unwrap_or_default(),
        default: settings.auto_numbering_default.unwrap_or(1),
        step: settings.auto_numbering_step.unwrap_or(1),
    })
}

fn attachments(settings: &ColumnSettings, general: &SettingsDefaults) -> AttachmentRules {
    let provider = settings.binary_storage_provider.as_ref();
    AttachmentRules {
        limit_quantity: settings.limit_quantity.or(general.limit_quantity),
        limit_size: settings.limit_size.or(general.limit_size),
        total_limit_size: settings.total_limit_size.or(general.limit_total_size),
        thumbnail_limit_size: settings.thumbnail_limit_size.or(general.thumbnail_limit_size),
        local_folder_limit_size: settings
            .local_folder_limit_size
            .or(general.local_folder_limit_size),
        local_folder_total_limit_size: settings
            .local_folder_total_limit_size
            .or(general.local_folder_limit_total_size),
        storage_provider: provider.unwrap_or(&general.default_binary_storage_provider).clone(),
        allow_delete: settings.allow_delete_attachments.unwrap_or(true),
        not_delete_exist_history: settings.not_delete_exist_history.unwrap_or_default(),
        overwrite_same_file_name: settings.overwrite_same_file_name.unwrap_or_default(),
    }
}
