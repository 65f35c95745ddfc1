//! `BinaryStorage.json`: files of records.

use crate::parameters::members::parameter_file;

parameter_file! {
    /// `BinaryStorage.json` (08, attachments). Sizes are in megabytes.
    BinaryStorage {
        /// `Rds` (the database), `Local` or `LocalFolder`.
        provider: String = "Provider", "Rds".to_owned();
        /// Folder of the local storage.
        path: Option<String> = "Path", None;
        /// Whether records may have files.
        attachments: bool = "Attachments", true;
        /// Whether texts may have images.
        images: bool = "Images", true;
        /// Whether the files of deleted records are kept.
        restore_local_files: bool = "RestoreLocalFiles", true;
        /// Files per column, default of the table setting.
        limit_quantity: i32 = "LimitQuantity", 30;
        /// Its lower bound.
        min_quantity: i32 = "MinQuantity", 1;
        /// Its upper bound.
        max_quantity: i32 = "MaxQuantity", 100;
        /// Size of a file, default of the table setting.
        limit_size: i32 = "LimitSize", 50;
        /// Its lower bound.
        min_size: i32 = "MinSize", 1;
        /// Its upper bound.
        max_size: i32 = "MaxSize", 50;
        /// Size of a column's files together, default of the table setting.
        limit_total_size: i32 = "LimitTotalSize", 1024;
        /// Its lower bound.
        total_min_size: i32 = "TotalMinSize", 1;
        /// Its upper bound.
        total_max_size: i32 = "TotalMaxSize", 1024;
        /// Like `limit_size`, for storage in folders.
        local_folder_limit_size: i32 = "LocalFolderLimitSize", 3072;
        /// Its lower bound.
        local_folder_min_size: i32 = "LocalFolderMinSize", 1;
        /// Its upper bound.
        local_folder_max_size: i32 = "LocalFolderMaxSize", 3072;
        /// Like `limit_total_size`, for storage in folders.
        local_folder_limit_total_size: i32 = "LocalFolderLimitTotalSize", 30720;
        /// Its lower bound.
        local_folder_total_min_size: i32 = "LocalFolderTotalMinSize", 1;
        /// Its upper bound.
        local_folder_total_max_size: i32 = "LocalFolderTotalMaxSize", 30720;
        /// Whether columns choose their storage.
        use_storage_select: bool = "UseStorageSelect", false;
        /// The storage of columns that do not choose.
        default_binary_storage_provider: Option<String> = "DefaultBinaryStorageProvider",
            Some("DataBase".to_owned());
        /// The storage of files that belong to no record yet.
        temporary_binary_storage_provider: Option<String> = "TemporaryBinaryStorageProvider", None;
        /// Images larger than this (pixels) are made smaller.
        image_limit_size: Option<i32> = "ImageLimitSize", None;
        /// Pixels of thumbnails, default of the table setting.
        thumbnail_limit_size: Option<i32> = "ThumbnailLimitSize", None;
        /// Its lower bound.
        thumbnail_min_size: i32 = "ThumbnailMinSize", 100;
        /// Its upper bound.
        thumbnail_max_size: i32 = "ThumbnailMaxSize", 1000;
        /// Another `Provider` for images in texts.
        images_provider: Option<String> = "ImagesProvider", None;
        /// Another `Provider` for images of sites.
        site_image_provider: Option<String> = "SiteImageProvider", None;
    }
}
