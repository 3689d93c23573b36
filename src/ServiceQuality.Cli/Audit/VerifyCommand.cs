using System.CommandLine;
using System.Text.Json;
using ServiceQuality.Cli.Access;
using ServiceQuality.Cli.Telemetry;
using ServiceQuality.Contracts.Audit;

namespace ServiceQuality.Cli.Audit;

/// <summary>`sq verify`: checks the hash chain of an audit trail, from an exported file or straight from the suite.</summary>
internal static class VerifyCommand
{
    public static Command Create(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var file = new Argument<string?>("FILE") { Description = "Exported trail (NDJSON); - reads standard input. Without it the trail is fetched from the suite", Arity = ArgumentArity.ZeroOrOne };
        var service = new Option<string>("--service") { Description = "Whose trail to fetch", DefaultValueFactory = _ => "organisation", HelpName = "NAME" };
        var head = new Option<string?>("--head") { Description = "Hash that the last record must have, noted elsewhere before; without it, records cut off the end are not noticed", HelpName = "HASH" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON" };
        var command = new CommandWithExamples("verify", "Check an audit trail: names the first record that was changed, removed, inserted or reordered.",
            "sq verify organisation-2026-11.ndjson", "sq verify --service scores --json", "sq verify trail.ndjson --head 5f0c…")
        {
            file, connection.Url, connection.Token, service, head, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            AuditVerification result;
            if (parsed.GetValue(file) is { } path)
            {
                await using var export = path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
                result = await AuditChain.VerifyAsync(export, parsed.GetValue(head), ct);
            }
            else
            {
                var client = await connection.AsPersonAsync(parsed, ct);
                var address = $"api/audit/{Uri.EscapeDataString(parsed.GetValue(service)!)}";
                using var answer = await client.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), repeatable: true, ct);
                await using var export = await answer.Content.ReadAsStreamAsync(ct);
                result = await AuditChain.VerifyAsync(export, parsed.GetValue(head), ct);
            }

            await surroundings.Output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(result, CloudEvent.DataForm) : Sentence(surroundings, result));
            return result.Holds ? ExitCodes.Done : ExitCodes.Findings;
        });
        return command;
    }

    private static string Sentence(Surroundings surroundings, AuditVerification result) => result.Break is { } broken
        ? surroundings.Say(
            $"BROKEN at record {broken.Seq} (line {broken.Line}), {broken.Reason}: {broken.Detail} {result.Records} records before it hold.",
            $"第 {broken.Seq} 条记录（第 {broken.Line} 行）断裂，{broken.Reason}：{broken.Detail} 此前 {result.Records} 条有效。")
        : surroundings.Say($"{result.Records} records hold; head {result.Head}", $"{result.Records} 条记录全部有效；链头 {result.Head}");
}
