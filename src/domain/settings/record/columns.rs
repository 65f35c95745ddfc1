//! The recorded form of `Columns[]` (06 §1.5).

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::{Context, unless};
use crate::domain::settings::columns::Defaults;
use crate::domain::settings::definitions::Definition;
use crate::domain::settings::document::ColumnSettings;
use crate::domain::settings::enums::{CheckFilterControlType, ResetType, RoundingType, TextAlign};
use crate::model::ColumnClass;

/// Drops default members, and then the columns that have none left, are unknown or come twice.
pub(super) fn drop_defaults(
    columns: &mut Vec<ColumnSettings>,
    known: &IndexMap<String, Arc<Definition>>,
    context: &Context<'_>,
) {
    let mut seen = HashSet::new();
    columns.retain_mut(|column| {
        let Some(definition) = known.get(&column.column_name) else { return false };
        column.drop_defaults(definition, context);
        let unchanged =
            ColumnSettings { column_name: column.column_name.clone(), ..Default::default() };
        seen.insert(column.column_name.clone()) && *column != unchanged
    });
}

impl ColumnSettings {
    fn drop_defaults(&mut self, definition: &Definition, context: &Context<'_>) {
        self.drop_ranges_and_search(definition);
        self.drop_definition_texts(definition, context);
        self.drop_definition_flags(definition);
        self.drop_blank_texts();
        self.drop_flags();
        self.drop_constants(context);
        self.drop_limits(definition, context);
    }

    /// First, since these defaults depend on members that are dropped afterwards.
    fn drop_ranges_and_search(&mut self, definition: &Definition) {
        let defaults = Defaults { definition, settings: self };
        let (min, max, search_type) = (defaults.min(), defaults.max(), defaults.search_type());
        unless(&mut self.min, &min);
        unless(&mut self.max, &max);
        unless(&mut self.step, &definition.step);
        unless(&mut self.search_type, &search_type);
        self.default_min_value = None;
        self.default_max_value = None;
        self.max_length.take_if(|length| *length <= Decimal::ZERO);
    }

    fn drop_definition_texts(&mut self, definition: &Definition, context: &Context<'_>) {
        let label = definition.label(context.language);
        let own_label = self.label_text.as_deref().unwrap_or(label);
        self.grid_label_text.take_if(|text| text == own_label);
        self.choices_text.take_if(|text| text.replace("\r\n", "\n") == definition.choices_text);
        for (text, default) in [
            (&mut self.label_text, label),
            (&mut self.default_input, definition.default_input),
            (&mut self.grid_format, definition.grid_format),
            (&mut self.editor_format, definition.editor_format),
            (&mut self.export_format, definition.export_format),
            (&mut self.control_type, definition.control_type),
            (&mut self.unit, definition.unit),
            (&mut self.choices_control_type, "DropDown"),
        ] {
            text.take_if(|text| text == default);
        }
    }

    fn drop_definition_flags(&mut self, definition: &Definition) {
        unless(&mut self.use_search, &definition.use_search);
        unless(&mut self.import_key, &definition.import_key);
        unless(&mut self.validate_required, &definition.validate_required);
        unless(&mut self.validate_date, &definition.validate_date);
        unless(&mut self.copy_by_default, &definition.copy_by_default);
        unless(&mut self.decimal_places, &definition.decimal_places);
        unless(&mut self.full_text_type, &definition.full_text_type);
        unless(&mut self.validate_max_length, &definition.max_length);
    }

    fn drop_blank_texts(&mut self) {
        for text in [
            &mut self.description,
            &mut self.input_guide,
            &mut self.anchor_format,
            &mut self.format,
            &mut self.auto_numbering_format,
            &mut self.extended_cell_css,
            &mut self.extended_field_css,
            &mut self.extended_control_css,
            &mut self.section,
            &mut self.grid_design,
            &mut self.validate_equal_to,
            &mut self.client_regex_validation,
            &mut self.server_regex_validation,
            &mut self.regex_validation_message,
            &mut self.extended_html_before_field,
            &mut self.extended_html_before_label,
            &mut self.extended_html_between_label_and_control,
            &mut self.extended_html_after_control,
            &mut self.extended_html_after_field,
            &mut self.multilingual_label_text,
            &mut self.message_when_duplicated,
            &mut self.columns_returned_when_automatic_postback,
            &mut self.field_css,
        ] {
            text.take_if(|text| text.trim().is_empty());
        }
    }

    fn drop_flags(&mut self) {
        for flag in [
            &mut self.multiple_selections,
            &mut self.not_insert_blank_choice,
            &mut self.anchor,
            &mut self.open_anchor_new_tab,
            &mut self.no_wrap,
            &mut self.hide,
            &mut self.validate_number,
            &mut self.validate_email,
            &mut self.nullable,
            &mut self.no_duplication,
            &mut self.editor_read_only,
            &mut self.auto_post_back,
            &mut self.not_delete_exist_history,
            &mut self.allow_bulk_update,
            &mut self.link,
            &mut self.overwrite_same_file_name,
        ] {
            unless(flag, &false);
        }
        for flag in [
            &mut self.allow_delete_attachments,
            &mut self.allow_image,
            &mut self.date_filter_fy,
            &mut self.date_filter_half,
            &mut self.date_filter_quarter,
            &mut self.date_filter_month,
        ] {
            unless(flag, &true);
        }
    }

    fn drop_constants(&mut self, context: &Context<'_>) {
        let general = context.defaults;
        unless(&mut self.auto_numbering_reset_type, &ResetType::None);
        unless(&mut self.auto_numbering_default, &1);
        unless(&mut self.auto_numbering_step, &1);
        unless(&mut self.rounding_type, &RoundingType::AwayFromZero);
        unless(&mut self.text_align, &TextAlign::Left);
        unless(&mut self.viewer_switching_type, &general.viewer_switching_type);
        self.check_filter_control_type
            .take_if(|control| *control == CheckFilterControlType::OnOnly);
        unless(&mut self.date_filter_min_span, &general.date_filter_min_span);
        unless(&mut self.date_filter_max_span, &general.date_filter_max_span);
        unless(&mut self.date_time_step, &general.date_time_step);
    }

    fn drop_limits(&mut self, definition: &Definition, context: &Context<'_>) {
        let general = context.defaults;
        for (limit, default) in [
            (&mut self.limit_quantity, general.limit_quantity),
            (&mut self.limit_size, general.limit_size),
            (&mut self.total_limit_size, general.limit_total_size),
            (&mut self.thumbnail_limit_size, general.thumbnail_limit_size),
            (&mut self.local_folder_limit_size, general.local_folder_limit_size),
            (&mut self.local_folder_total_limit_size, general.local_folder_limit_total_size),
        ] {
            limit.take_if(|limit| Some(*limit) == default);
        }
        let attachments = definition.class == Some(ColumnClass::Attachments);
        let provider = &general.default_binary_storage_provider;
        self.binary_storage_provider.take_if(|own| !attachments || own == provider);
    }
}
