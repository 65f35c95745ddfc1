//! What a stored file is for (02 §13).

/// `Binaries.BinaryType`, as far as the API deals with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryType {
    /// A file of a record's attachments column.
    Attachments,
    /// An image in a record's text.
    Images,
    /// An image of a management screen.
    TenantManagementImages,
    /// A finished export.
    ExportData,
}

impl BinaryType {
    /// Every type.
    pub const ALL: [Self; 4] =
        [Self::Attachments, Self::Images, Self::TenantManagementImages, Self::ExportData];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attachments => "Attachments",
            Self::Images => "Images",
            Self::TenantManagementImages => "TenantManagementImages",
            Self::ExportData => "ExportData",
        }
    }

    /// The type of that stored name; none for types that the API does not hand out.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The folder of the local storage that holds files of the type (08 §10.1, §11.1).
    pub const fn folder(self) -> &'static str {
        match self {
            Self::TenantManagementImages => "Images",
            other => other.name(),
        }
    }
}
