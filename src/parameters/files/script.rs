//! `Script.json`: server scripts.

use crate::parameters::members::parameter_file;

parameter_file! {
    /// `Script.json` (07 §4); most members have built-in values. Times are in milliseconds.
    Script {
        /// Whether server scripts run at all.
        server_script: bool = "ServerScript", true, absent true;
        /// Whether they run on a schedule.
        background_server_script: bool = "BackgroundServerScript", false;
        /// Whether they may not call other servers.
        disable_server_script_http_client: bool = "DisableServerScriptHttpClient", false;
        /// How long one may run.
        server_script_time_out: i32 = "ServerScriptTimeOut", 10_000, absent 10_000;
        /// Whether a script may have its own limit.
        server_script_time_out_changeable: bool = "ServerScriptTimeOutChangeable", false;
        /// Lower bound of such a limit.
        server_script_time_out_min: i32 = "ServerScriptTimeOutMin", 0;
        /// Upper bound of such a limit.
        server_script_time_out_max: i32 = "ServerScriptTimeOutMax", 86_400_000, absent 86_400_000;
        /// How long a call to another server may take.
        server_script_http_client_time_out: i32 = "ServerScriptHttpClientTimeOut", 100_000, absent 100_000;
        /// Lower bound of a script's own limit for it.
        server_script_http_client_time_out_min: i32 = "ServerScriptHttpClientTimeOutMin", 0;
        /// Upper bound of a script's own limit for it.
        server_script_http_client_time_out_max: i32 = "ServerScriptHttpClientTimeOutMax", 86_400_000,
            absent 86_400_000;
        /// How deep scripts may include one another.
        server_script_include_depth_limit: i32 = "ServerScriptIncludeDepthLimit", 10, absent 10;
        /// Whether scripts may not touch files.
        disable_server_script_file: bool = "DisableServerScriptFile", true, absent true;
        /// Largest file in megabytes.
        server_script_file_size_max: i32 = "ServerScriptFileSizeMax", 1, absent 1;
        /// Folder of the files.
        server_script_file_path: Option<String> = "ServerScriptFilePath", None;
    }
}
