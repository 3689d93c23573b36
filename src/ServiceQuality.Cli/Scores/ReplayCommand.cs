using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.Cli.Access;
using ServiceQuality.Cli.Organisation;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Scoring;

namespace ServiceQuality.Cli.Scores;

/// <summary>One unit, folded again on this machine.</summary>
/// <param name="Unit">Code of the unit, or the file.</param>
/// <param name="Seq">Journal position.</param>
/// <param name="Recomputed">Hash of what was folded here.</param>
/// <param name="Live">Hash of the suite's live state at the same position, or the one that was noted; null when only a file was read.</param>
/// <param name="Score">The score of the period that ends with the newest fact received.</param>
internal sealed record Replayed(string Unit, long Seq, string Recomputed, string? Live, double? Score)
{
    public bool Agrees => Live is null || Live == Recomputed;
}

/// <summary>`sq replay`: downloads journals, folds them on this machine and compares with the suite, bit for bit (scoring.md §1).</summary>
internal sealed class ReplayCommand
{
    private readonly Surroundings surroundings;
    private readonly Connection connection;
    private readonly Argument<string[]> units = new("UNIT") { Description = "Codes or ids of units with a journal of their own", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> all = new("--all") { Description = "Every unit that you see and that has a journal" };
    private readonly Option<string?> file = new("--file") { Description = "Fold an exported journal (NDJSON) instead; needs no suite", HelpName = "FILE" };
    private readonly Option<string[]> scheme = new("--scheme") { Description = "With --file: approved scheme versions (JSON); default: the delivered scheme", HelpName = "FILE" };
    private readonly Option<string> timeZone = new("--time-zone") { Description = "With --file: time zone of the unit", DefaultValueFactory = _ => "Asia/Shanghai", HelpName = "ZONE" };
    private readonly Option<string?> save = new("--save") { Description = "Keep the downloaded journals in this folder as UNIT.ndjson", HelpName = "FOLDER" };
    private readonly Option<string?> expect = new("--expect") { Description = "Results of an earlier --json run, as a backup holds them: fold each unit to the position noted there and compare", HelpName = "FILE" };
    private readonly Option<bool> json = new("--json") { Description = "Write the results as JSON" };

    private ReplayCommand(Surroundings surroundings) => (this.surroundings, connection) = (surroundings, new Connection(surroundings));

    public static Command Create(Surroundings surroundings)
    {
        var replay = new ReplayCommand(surroundings);
        var command = new CommandWithExamples("replay", "Recompute units from their journals on this machine and compare with the suite. Needs the rights of an auditor.",
            "sq replay n01-hall1", "sq replay --all --json", "sq replay n01-hall1 --save journals", "sq replay --file journals/n01-hall1.ndjson", "sq replay --expect backups/20261121T120643Z/replay.json")
        {
            replay.units, replay.all, replay.connection.Url, replay.connection.Token, replay.file, replay.scheme, replay.timeZone, replay.save, replay.expect, replay.json,
        };
        command.SetAction(replay.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var results = parsed.GetValue(file) is { } path ? [await ReplayFileAsync(parsed, path, ct)] : await ReplaySuiteAsync(parsed, ct);
        if (parsed.GetValue(json))
        {
            await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(results, CloudEvent.DataForm));
        }
        else
        {
            foreach (var result in results)
            {
                var verdict = result.Live is null ? "" : result.Agrees ? surroundings.Say("agrees  ", "一致  ") : surroundings.Say("DIFFERS ", "不一致 ");
                var score = result.Score?.ToString("0.00", CultureInfo.InvariantCulture) ?? "—";
                await surroundings.Output.WriteLineAsync($"{verdict}{result.Unit}  seq {result.Seq}  {score}  {result.Recomputed}{(result.Agrees ? "" : $"  {surroundings.Say("live", "在线")} {result.Live}")}");
            }
        }

        return results.All(result => result.Agrees) ? ExitCodes.Done : ExitCodes.Findings;
    }

    private async Task<Replayed> ReplayFileAsync(ParseResult parsed, string path, CancellationToken ct)
    {
        var schemes = new List<Scheme>();
        foreach (var document in parsed.GetValue(scheme) ?? [])
            schemes.Add(Read(document, await File.ReadAllBytesAsync(document, ct)));
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(parsed.GetValue(timeZone)!, out var zone))
            throw new UsageException($"--time-zone: '{parsed.GetValue(timeZone)}' is not a time zone");
        var ledger = new Ledger(MeasureCatalogue.Of(schemes.Count > 0 ? schemes : [DefaultSchemes.Telecom]), zone);
        try
        {
            await foreach (var row in JournalRow.OfFileAsync(path, ct))
                ledger.Fold(row.Fact);
        }
        catch (JournalGapException exception)
        {
            throw new UsageException($"{path}: {exception.Message}");
        }

        return new Replayed(path, ledger.Seq, ledger.Hash(), null, Score(ledger, schemes.LastOrDefault() ?? DefaultSchemes.Telecom));
    }

    private async Task<IReadOnlyList<Replayed>> ReplaySuiteAsync(ParseResult parsed, CancellationToken ct)
    {
        var wanted = parsed.GetValue(units) ?? [];
        if (wanted.Length == 0 && !parsed.GetValue(all) && parsed.GetValue(expect) is null)
            throw new UsageException("name units, or say --all or --expect FILE");
        var expected = await ExpectedAsync(parsed.GetValue(expect), ct);
        var client = await connection.AsPersonAsync(parsed, ct);
        var tree = await OrgUnit.AllAsync(client, ct);
        var (schemes, inForce) = await SchemesAsync(client, ct);
        var catalogue = MeasureCatalogue.Of(schemes);
        if (wanted.Length == 0 && expected is not null)
            wanted = [.. expected.Keys];
        var chosen = wanted.Length == 0 ? tree : [.. wanted.Select(name => tree.FirstOrDefault(unit => unit.Code == name || unit.Id.ToString() == name)
            ?? throw new UsageException($"there is no unit {name} that you may see"))];

        var results = new List<Replayed>();
        foreach (var unit in chosen)
        {
            if (expected is not null && !expected.ContainsKey(unit.Code))
                throw new UsageException($"{parsed.GetValue(expect)} says nothing about {unit.Code}");
            if (await ReplayUnitAsync(parsed, client, unit, catalogue, inForce, optional: wanted.Length == 0, expected?[unit.Code], ct) is { } result)
                results.Add(result);
        }

        return results;
    }

    /// <summary>What an earlier run noted, by unit.</summary>
    private static async Task<Dictionary<string, Replayed>?> ExpectedAsync(string? path, CancellationToken ct)
    {
        if (path is null)
            return null;
        try
        {
            var noted = JsonSerializer.Deserialize<List<Replayed>>(await File.ReadAllTextAsync(path, ct), CloudEvent.DataForm);
            return noted?.ToDictionary(one => one.Unit) ?? throw new UsageException($"{path} is empty");
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path} is not what 'sq replay --json' writes: {exception.Message}");
        }
    }

    private async Task<Replayed?> ReplayUnitAsync(
        ParseResult parsed, ServiceClient client, OrgUnit unit, MeasureCatalogue catalogue, Scheme inForce, bool optional, Replayed? expected, CancellationToken ct)
    {
        var (seq, hash) = (expected?.Seq ?? 0, expected?.Recomputed ?? "");
        if (expected is null)
        {
            JsonElement verified;
            try
            {
                verified = (await client.SendJsonAsync(HttpMethod.Post, $"api/journal/{unit.Code}/verify", null, ct))!.Value;
            }
            catch (ServiceCallException exception) when (optional && exception.Code == "no-journal")
            {
                return null;
            }
            (seq, hash) = (verified.GetProperty("seq").GetInt64(), verified.GetProperty("live").GetString()!);
        }

        // The journal may grow meanwhile: both are compared at the position that the suite answered for, or that was noted.
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(unit.TimeZone, out var known) ? known : TimeZoneInfo.Utc;
        var ledger = new Ledger(catalogue, zone);
        await using var copy = Copy(parsed, unit);
        await foreach (var row in JournalRow.OfUnitAsync(client, unit.Code, seq, ct))
        {
            ledger.Fold(row.Fact);
            if (copy is not null)
                await copy.WriteLineAsync(JsonSerializer.Serialize(row, JsonSerializerOptions.Web));
        }

        return new Replayed(unit.Code, ledger.Seq, ledger.Hash(), hash, Score(ledger, inForce));
    }

    private StreamWriter? Copy(ParseResult parsed, OrgUnit unit)
    {
        if (parsed.GetValue(save) is not { } folder)
            return null;
        Directory.CreateDirectory(folder);
        return new StreamWriter(Path.Combine(folder, unit.Code + ".ndjson"));
    }

    /// <summary>Ledgers measure what every approved version asks for; one of them scores now.</summary>
    private static async Task<(IReadOnlyList<Scheme> All, Scheme InForce)> SchemesAsync(ServiceClient client, CancellationToken ct)
    {
        var list = await client.GetAsync("api/schemes", ct);
        var (schemes, inForce) = (new List<Scheme>(), (Scheme?)null);
        foreach (var listing in list.GetProperty("items").EnumerateArray().Where(listing => listing.GetProperty("approved").ValueKind == JsonValueKind.String))
        {
            var (id, version) = (listing.GetProperty("id").GetString()!, listing.GetProperty("version").GetInt32());
            using var answer = await client.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, $"api/schemes/{Uri.EscapeDataString(id)}?version={version}"), repeatable: true, ct);
            var found = Read($"{id}@{version}", await answer.Content.ReadAsByteArrayAsync(ct));
            schemes.Add(found);
            if (listing.GetProperty("inForce").GetBoolean())
                inForce = found;
        }

        return (schemes, inForce ?? throw new ServiceCallException(CallFailure.Refused, "The suite names no scheme that is in force.", code: "no-scheme"));
    }

    private static Scheme Read(string name, byte[] document)
    {
        var (scheme, errors) = Scheme.Parse(document);
        return scheme ?? throw new UsageException($"{name} is not a scheme that this program can read: {string.Join("; ", errors)}");
    }

    private static double? Score(Ledger ledger, Scheme scheme)
    {
        if (ledger.Received is not { } moment)
            return null;
        var window = scheme.MainPeriod.Window(moment, ledger.Zone);
        return ledger.CanRead(window) ? Scorer.Evaluate(scheme, ledger.Read(window)).Value : null;
    }
}
