/** The log of a served office: to standard error or to files in its folder, its last lines kept for people who look. */
import { join } from "node:path";
import { isLogLevel, jsonLog, LogLevels, RecentLines, rotatingFile, settingValue } from "../index.ts";
import type { Clock, Log, LogLevel, SettingTable } from "../index.ts";

/** In the office's folder. */
export const LOG_FILE = "hallway.log";

export interface OfficeLog {
  readonly log: Log;
  readonly levels: LogLevels;
  readonly lines: RecentLines;
  close(): void;
}

/** `level` overrides the setting. */
export function openLog(clock: Clock, folder: string, settings: SettingTable, level?: LogLevel): OfficeLog {
  const wanted = settingValue(settings, "log.level");
  const levels = new LogLevels(clock, level ?? (isLogLevel(wanted) ? wanted : "info"));
  const file =
    settingValue(settings, "log.to") === "file"
      ? rotatingFile({
          path: join(folder, LOG_FILE),
          maxBytes: Number(settingValue(settings, "log.file-megabytes")) * 1_000_000,
          keep: Number(settingValue(settings, "log.files")),
          otherwise: process.stderr,
        })
      : undefined;
  const lines = new RecentLines(file ?? process.stderr);
  return {
    log: jsonLog(lines, levels),
    levels,
    lines,
    close() {
      levels.close();
      file?.close();
    },
  };
}
