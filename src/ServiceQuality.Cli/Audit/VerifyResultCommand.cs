using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Cli.Audit;

/// <summary>`sq verify-result`: checks sealed official results from a file, without a server: the hash of each, and whether its parts add up.</summary>
internal static class VerifyResultCommand
{
    private const int MostBytes = 1 << 30;

    private sealed record Line(string Unit, string Period, int Number, decimal? Official, string Hash, string? Computed, bool Holds, bool AddsUp, string? Former, RestatementCause? Cause, bool Follows)
    {
        public bool IsRight => this is { Holds: true, AddsUp: true, Follows: true };
    }

    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("FILE") { Description = "A document as it was downloaded, or an export of a whole period (JSON array)" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON" };
        var command = new CommandWithExamples("verify-result", "Check official results: has a document the content that its hash vouches for, and do its parts add up?",
            "sq verify-result result-n01-2026-10-0.json", "sq verify-result results-hq-2026-10.json --json")
        {
            file, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var lines = await CheckAsync(parsed.GetValue(file)!, surroundings, ct);
            if (parsed.GetValue(json))
                await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(lines, CloudEvent.DataForm));
            else
                await TellAsync(surroundings, lines);
            return lines.TrueForAll(line => line.IsRight) ? ExitCodes.Done : ExitCodes.Findings;
        });
        return command;
    }

    private static async Task<List<Line>> CheckAsync(string path, Surroundings surroundings, CancellationToken ct)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MostBytes })
            throw new UsageException(surroundings.Say($"{path} is larger than 1 GiB.", $"{path} 超过 1 GiB。"));
        try
        {
            await using var stream = File.OpenRead(path);
            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: ct);
            var documents = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray().ToList() : [document.RootElement];
            if (documents.Count == 0)
                throw new UsageException(surroundings.Say($"{path} holds no document.", $"{path} 中没有文件。"));
            return Chained(documents.ConvertAll(one => LineOf(ResultSeal.Verify(one.GetRawText()))));
        }
        catch (JsonException malformed)
        {
            throw new UsageException(surroundings.Say($"{path} is not a result document: {malformed.Message}", $"{path} 不是考核结果文件：{malformed.Message}"));
        }
    }

    private static Line LineOf(ResultVerification it) => new(
        it.Document.Unit.Code, it.Document.Period, it.Document.Number, it.Document.Official, it.Stated, it.Holds ? null : it.Computed, it.Holds, it.AddsUp, it.Document.Restatement?.Former, it.Document.Restatement?.Cause, Follows: true);

    /// <summary>A restatement names the document that it replaces and the one that took it along; where those are in the file, they must be the ones.</summary>
    private static List<Line> Chained(List<Line> lines)
    {
        var hashes = lines.ToLookup(line => (line.Unit, line.Period, line.Number), line => line.Hash);
        return lines.ConvertAll(line => line with
        {
            Follows = hashes[(line.Unit, line.Period, line.Number - 1)].All(hash => hash == line.Former)
                && (line.Cause is not { } cause || hashes[(cause.Code, line.Period, cause.Number)].All(hash => hash == cause.Hash)),
        });
    }

    private static async Task TellAsync(Surroundings surroundings, List<Line> lines)
    {
        foreach (var line in lines.Where(line => !line.IsRight))
        {
            var what = $"{line.Unit} {line.Period} #{line.Number}";
            await surroundings.Output.WriteLineAsync(line is { Holds: true, AddsUp: true }
                ? surroundings.Say($"{what}: it restates or was caused by another document than the one in this file", $"{what}：所载前一文件或起因文件与本文件所含不符")
                : line.Holds
                ? surroundings.Say($"{what}: the parts do not add up to {Points(line)}", $"{what}：各部分之和不等于 {Points(line)}")
                : surroundings.Say($"{what}: CHANGED; it states {line.Hash}, its content has {line.Computed}", $"{what}：内容已被更改；所载哈希 {line.Hash}，实际 {line.Computed}"));
        }
        foreach (var line in lines.Where(line => line is { IsRight: true, Former: not null }))
            await surroundings.Output.WriteLineAsync(Restated(surroundings, line));
        if (lines is [{ IsRight: true } only])
            await surroundings.Output.WriteLineAsync(surroundings.Say($"{only.Unit} {only.Period} #{only.Number}: {Points(only)} holds; hash {only.Hash}", $"{only.Unit} {only.Period} #{only.Number}：{Points(only)}，有效；哈希 {only.Hash}"));
        else
            await surroundings.Output.WriteLineAsync(surroundings.Say($"{lines.Count(line => line.IsRight)} of {lines.Count} documents hold", $"{lines.Count} 份文件中 {lines.Count(line => line.IsRight)} 份有效"));
    }

    private static string Restated(Surroundings surroundings, Line line)
    {
        var (english, chinese) = line.Cause is { } cause
            ? ($", because of {cause.Code} #{cause.Number} {cause.Hash[..12]}", $"，起因 {cause.Code} #{cause.Number} {cause.Hash[..12]}")
            : ("", "");
        return surroundings.Say($"{line.Unit} {line.Period} #{line.Number}: restates {line.Former![..12]}{english}", $"{line.Unit} {line.Period} #{line.Number}：重述 {line.Former![..12]}{chinese}");
    }

    private static string Points(Line line) => line.Official?.ToString(CultureInfo.InvariantCulture) ?? "—";
}
