using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ServiceQuality.Cli.Access;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli.Import;

/// <summary>`sq import`: a CSV file becomes facts, through the same door that branch systems use.</summary>
internal sealed class ImportCommand
{
    private readonly Surroundings surroundings;
    private readonly Connection connection;
    private readonly Argument<string> file = new("FILE") { Description = "CSV file" };
    private readonly Option<string> map = new("--map") { Description = "Map that says how rows become facts (YAML; docs/integration.md)", Required = true, HelpName = "MAP.yaml" };
    private readonly Option<bool> shift = new("--shift") { Description = "Move all times by the same whole days so that the last day of the data is today (yesterday where a fact would lie ahead of now)" };
    private readonly Option<int> batch = new("--batch") { Description = "Facts a request, 1 to 1000", DefaultValueFactory = _ => 500, HelpName = "N" };
    private readonly Option<int> parallel = new("--parallel") { Description = "Requests at the same time, 1 to 32", DefaultValueFactory = _ => 4, HelpName = "N" };
    private readonly Option<bool> resume = new("--resume") { Description = "Go on where an import of the same file and map was stopped, with the same shift" };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Read and convert everything, send nothing" };
    private readonly Option<string?> state = new("--state") { Description = "File that remembers how far the import has come [FILE.sq-import]", HelpName = "FILE" };
    private readonly Option<bool> json = new("--json") { Description = "Write the summary as JSON, show no progress" };

    private ImportCommand(Surroundings surroundings) => (this.surroundings, connection) = (surroundings, new Connection(surroundings));

    public static Command Create(Surroundings surroundings)
    {
        var import = new ImportCommand(surroundings);
        var command = new CommandWithExamples("import", "Turn the rows of a CSV file into facts and post them as a branch system does.",
            "sq import calls.csv --map docs/examples/hotline-calls.yaml --url http://127.0.0.1:8080 --key-file key.txt --shift",
            "sq import calls.csv --map calls.yaml --dry-run",
            "SQ_URL=... SQ_KEY=... sq import calls.csv --map calls.yaml --resume --json")
        {
            import.file, import.map, import.connection.Url, import.connection.Key, import.connection.KeyFile, import.shift, import.batch, import.parallel,
            import.connection.GiveUp, import.resume, import.dryRun, import.state, import.json,
        };
        Within(import.batch, 1, TelemetrySender.LargestBatch);
        Within(import.parallel, 1, 32);
        command.SetAction(import.RunAsync);
        return command;
    }

    private static void Within(Option<int> option, int lowest, int highest) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < lowest || value > highest))
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be {lowest} to {highest}"));
    });

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var path = parsed.GetValue(file)!;
        var (rules, start) = await PrepareAsync(parsed, path, ct);
        return parsed.GetValue(dryRun) ? await RehearseAsync(parsed, rules, path, start) : await SendAsync(parsed, rules, path, start, ct);
    }

    private async Task<(ImportMap Map, ImportState Start)> PrepareAsync(ParseResult parsed, string path, CancellationToken ct)
    {
        if (!File.Exists(path))
            throw new UsageException($"there is no file {path}");
        var mapPath = parsed.GetValue(map)!;
        var text = await File.ReadAllTextAsync(mapPath, ct);
        ImportMap rules;
        try
        {
            rules = ImportMap.Read(text, mapPath, Path.GetDirectoryName(Path.GetFullPath(mapPath))!, Header);
        }
        catch (MapException exception)
        {
            throw new UsageException(surroundings.Say("the map cannot be used", "映射文件不可用") + Environment.NewLine + exception.Message);
        }

        if (rules.Facts.Count > parsed.GetValue(batch))
            throw new UsageException("--batch must be at least the number of facts that one row may become");

        await using var data = File.OpenRead(path);
        var fresh = new ImportState
        {
            Data = Convert.ToHexStringLower(await SHA256.HashDataAsync(data, ct)),
            Map = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))),
        };
        if (parsed.GetValue(resume) && ImportState.Load(StatePath(parsed, path)) is { } saved)
        {
            return saved.Data == fresh.Data && saved.Map == fresh.Map
                ? (rules, saved)
                : throw new UsageException($"{(saved.Data == fresh.Data ? mapPath : path)} has changed since the import was stopped; start again without --resume");
        }

        return (rules, parsed.GetValue(shift) ? fresh with { ShiftDays = TimeShift.Days(rules, path, surroundings.Clock.GetUtcNow()) } : fresh);

        IReadOnlyList<string> Header(CsvForm form)
        {
            using var source = new CsvSource(path, form);
            return source.Columns;
        }
    }

    private string StatePath(ParseResult parsed, string path) => parsed.GetValue(state) ?? path + ".sq-import";

    private async Task<int> SendAsync(ParseResult parsed, ImportMap rules, string path, ImportState start, CancellationToken ct)
    {
        var statePath = StatePath(parsed, path);
        using var http = connection.Anonymous(connection.Address(parsed));
        var sender = new TelemetrySender(http, await connection.KeyAsync(parsed, ct), surroundings.Clock, connection.Patience(parsed));
        var run = new ImportRun(rules, path, start, parsed.GetValue(batch));
        var progress = ImportProgress.Of(run, surroundings, parsed.GetValue(json));
        start.Save(statePath);
        if (!start.Finished)
        {
            try
            {
                await progress.WatchAsync(() => run.SendAsync(sender.SendAsync, parsed.GetValue(parallel), now => now.Save(statePath), ct));
            }
            catch (Exception exception) when (exception is ServiceCallException or OperationCanceledException)
            {
                await surroundings.Error.WriteLineAsync(surroundings.Say(
                    $"sq: stopped after row {run.State.Rows}; go on with --resume", $"sq：已停在第 {run.State.Rows} 行之后；用 --resume 继续"));
                throw;
            }
        }

        await ReportAsync(parsed, run.State, progress.Seconds, progress.Answered, sender.Retries);
        return run.State.Counts.Refused > 0 ? ExitCodes.Findings : ExitCodes.Done;
    }

    private async Task<int> RehearseAsync(ParseResult parsed, ImportMap rules, string path, ImportState start)
    {
        var types = new SortedDictionary<string, long>();
        var subjects = new SortedDictionary<string, long>();
        var (counts, rows, samples) = (new ImportCounts(), 0L, new List<CloudEvent>());
        var (first, last) = (DateTimeOffset.MaxValue, DateTimeOffset.MinValue);
        foreach (var part in new ImportRun(rules, path, start with { Rows = 0 }, parsed.GetValue(batch)).Batches())
        {
            rows = part.LastRow;
            counts = counts.With(part.Count(new TelemetryAnswer(part.Facts.Count, 0, [])));
            samples.AddRange(part.Facts.Take(3 - samples.Count));
            foreach (var fact in part.Facts)
            {
                types[fact.Type] = types.GetValueOrDefault(fact.Type) + 1;
                subjects[fact.Subject] = subjects.GetValueOrDefault(fact.Subject) + 1;
                (first, last) = (fact.Time < first ? fact.Time : first, fact.Time > last ? fact.Time : last);
            }
        }

        var any = types.Count > 0;
        if (parsed.GetValue(json))
        {
            await WriteJsonAsync(new { rows, facts = counts.Accepted, unreadable = counts.Refused, shiftDays = start.ShiftDays, first = any ? first : (DateTimeOffset?)null, last = any ? last : (DateTimeOffset?)null, types, subjects, refusals = counts.ByCode });
            return counts.Refused > 0 ? ExitCodes.Findings : ExitCodes.Done;
        }

        var output = surroundings.Output;
        await output.WriteLineAsync(surroundings.Say($"{rows} rows → {counts.Accepted} facts (nothing was sent)", $"{rows} 行 → {counts.Accepted} 条事实（未发送）"));
        foreach (var (type, count) in types)
            await output.WriteLineAsync($"  {type}  {count}");
        foreach (var (subject, count) in subjects)
            await output.WriteLineAsync($"  {surroundings.Say("unit", "单位")} {subject}  {count}");
        if (any)
            await output.WriteLineAsync($"  {first:O} … {last:O}{(start.ShiftDays != 0 ? surroundings.Say($"  (moved by {start.ShiftDays} days)", $"  （平移 {start.ShiftDays} 天）") : "")}");
        foreach (var sample in samples)
            await output.WriteLineAsync("  " + Line(sample));
        await WriteRefusalsAsync(counts);
        return counts.Refused > 0 ? ExitCodes.Findings : ExitCodes.Done;
    }

    private async Task ReportAsync(ParseResult parsed, ImportState end, double seconds, long answered, long retries)
    {
        var counts = end.Counts;
        if (parsed.GetValue(json))
        {
            await WriteJsonAsync(new { rows = end.Rows, accepted = counts.Accepted, duplicate = counts.Duplicate, refused = counts.Refused, shiftDays = end.ShiftDays, seconds = Math.Round(seconds, 3), retries, refusals = counts.ByCode });
            return;
        }

        var moved = end.ShiftDays != 0 ? surroundings.Say($", moved by {end.ShiftDays} days", $"，平移 {end.ShiftDays} 天") : "";
        await surroundings.Output.WriteLineAsync(surroundings.Chinese
            ? string.Create(CultureInfo.InvariantCulture, $"{end.Rows:N0} 行{moved}：接受 {counts.Accepted:N0}，重复 {counts.Duplicate:N0}，拒绝 {counts.Refused:N0}（{seconds:N1} 秒，{answered / Math.Max(seconds, 1e-3):N0} 条/秒，重试 {retries}）")
            : string.Create(CultureInfo.InvariantCulture, $"{end.Rows:N0} rows{moved}: {counts.Accepted:N0} accepted, {counts.Duplicate:N0} duplicate, {counts.Refused:N0} refused ({seconds:N1} s, {answered / Math.Max(seconds, 1e-3):N0} facts/s, {retries} retries)"));
        await WriteRefusalsAsync(counts);
    }

    private async Task WriteRefusalsAsync(ImportCounts counts)
    {
        foreach (var (code, refusals) in counts.ByCode.OrderByDescending(pair => pair.Value.Count))
        {
            await surroundings.Output.WriteLineAsync($"  {code}: {refusals.Count}");
            foreach (var row in refusals.First)
                await surroundings.Output.WriteLineAsync($"    {surroundings.Say("line", "行")} {row.Line}{(row.Id is null ? "" : $" ({row.Id})")}{(row.Reason is null ? "" : $": {row.Reason}")}");
            if (refusals.Count > refusals.First.Count)
                await surroundings.Output.WriteLineAsync($"    … {refusals.Count - refusals.First.Count} {surroundings.Say("more", "更多")}");
        }
    }

    private Task WriteJsonAsync(object summary) => surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(summary, CloudEvent.DataForm));

    private static string Line(CloudEvent fact)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = CloudEvent.DataForm.Encoder }))
            fact.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}
