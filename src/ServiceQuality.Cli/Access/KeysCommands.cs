using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace ServiceQuality.Cli.Access;

/// <summary>`sq keys`: API keys of branch systems. A key's text is written once, to standard output, and nowhere else.</summary>
internal static class KeysCommands
{
    private static readonly string[] Shown = ["id", "name", "path", "state", "createdAt", "lastUsedAt", "formerUntil"];

    public static Command Create(Surroundings surroundings) => new("keys", "API keys of branch systems.")
    {
        List(surroundings), CreateKey(surroundings), Rotate(surroundings), Revoke(surroundings),
    };

    private static CommandWithExamples List(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var json = new Option<bool>("--json") { Description = "Write the keys as JSON" };
        var command = new CommandWithExamples("list", "List keys; their texts are not kept anywhere.", "sq keys list") { connection.Url, connection.Token, json };
        command.SetAction(async (parsed, ct) =>
        {
            var client = await connection.AsPersonAsync(parsed, ct);
            var keys = new List<JsonElement>();
            for (var after = ""; after is not null;)
            {
                var page = await client.GetAsync(after.Length == 0 ? "api/keys" : $"api/keys?after={Uri.EscapeDataString(after)}", ct);
                keys.AddRange(page.GetProperty("items").EnumerateArray());
                after = page.GetProperty("next").GetString();
            }

            if (parsed.GetValue(json))
            {
                await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(keys));
                return ExitCodes.Done;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumns("Id", surroundings.Say("Name", "名称"), surroundings.Say("Unit", "单位"),
                surroundings.Say("State", "状态"), surroundings.Say("Created", "创建"), surroundings.Say("Last used", "最近使用"), surroundings.Say("Former good until", "旧密钥有效至"));
            foreach (var key in keys)
                table.AddRow([.. Shown.Select(field => Markup.Escape(Show(key, field)))]);
            surroundings.Tables().Write(table);
            return ExitCodes.Done;
        });
        return command;
    }

    private static CommandWithExamples CreateKey(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var unit = new Option<string>("--unit") { Description = "Unit whose subtree the key may report for", Required = true, HelpName = "CODE" };
        var name = new Option<string>("--name") { Description = "What the key is for", Required = true, HelpName = "TEXT" };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "When it ends by itself (RFC 3339)", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "Write the answer as JSON" };
        var command = new CommandWithExamples("create", "Issue a key. Its text is shown this once, on standard output.",
            "sq keys create --unit north --name 'queue system' > key.txt", "sq keys create --unit n01 --name trial --expires 2027-01-01T00:00:00+08:00")
        {
            connection.Url, connection.Token, unit, name, expires, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var client = await connection.AsPersonAsync(parsed, ct);
            var answer = await client.SendJsonAsync(HttpMethod.Post, "api/keys", new { name = parsed.GetValue(name), unit = parsed.GetValue(unit), expires = parsed.GetValue(expires) }, ct);
            return await ShowOnceAsync(surroundings, answer!.Value, parsed.GetValue(json));
        });
        return command;
    }

    private static CommandWithExamples Rotate(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var id = new Argument<Guid>("ID") { Description = "Id of the key" };
        var until = new Option<DateTimeOffset?>("--until") { Description = "Until when the former text stays good (RFC 3339), at most 30 days; default 24 hours", HelpName = "TIME" };
        var now = new Option<bool>("--now") { Description = "End the former text at once" };
        var json = new Option<bool>("--json") { Description = "Write the answer as JSON" };
        var command = new CommandWithExamples("rotate", "Give a key a new text. The former one stays good for a while, so that a branch system can change over.",
            "sq keys rotate 019a9f00-0000-7000-8000-000000000001 > key.txt")
        {
            id, connection.Url, connection.Token, until, now, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var client = await connection.AsPersonAsync(parsed, ct);
            var end = parsed.GetValue(now) ? surroundings.Clock.GetUtcNow() : parsed.GetValue(until);
            var answer = await client.SendJsonAsync(HttpMethod.Post, $"api/keys/{parsed.GetValue(id)}/rotate", new { until = end }, ct);
            return await ShowOnceAsync(surroundings, answer!.Value, parsed.GetValue(json));
        });
        return command;
    }

    private static CommandWithExamples Revoke(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var id = new Argument<Guid>("ID") { Description = "Id of the key" };
        var command = new CommandWithExamples("revoke", "End a key; takes effect within seconds.", "sq keys revoke 019a9f00-0000-7000-8000-000000000001") { id, connection.Url, connection.Token };
        command.SetAction(async (parsed, ct) =>
        {
            var client = await connection.AsPersonAsync(parsed, ct);
            await client.SendJsonAsync(HttpMethod.Delete, $"api/keys/{parsed.GetValue(id)}", null, ct);
            await surroundings.Output.WriteLineAsync(surroundings.Say("revoked", "已吊销"));
            return ExitCodes.Done;
        });
        return command;
    }

    // The key alone on standard output, so that it can be redirected into a file; what is known about it on standard error.
    private static async Task<int> ShowOnceAsync(Surroundings surroundings, JsonElement answer, bool json)
    {
        if (json)
        {
            await surroundings.Output.WriteLineAsync(answer.GetRawText());
            return ExitCodes.Done;
        }

        var details = answer.GetProperty("details");
        await surroundings.Error.WriteLineAsync($"{Show(details, "id")}  {Show(details, "name")}  {Show(details, "path")}  {surroundings.Say("— shown this once:", "— 仅显示这一次：")}");
        await surroundings.Output.WriteLineAsync(answer.GetProperty("key").GetString());
        return ExitCodes.Done;
    }

    private static string Show(JsonElement key, string field)
    {
        var text = key.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return field.EndsWith("At", StringComparison.Ordinal) || field.EndsWith("Until", StringComparison.Ordinal)
            ? DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) : text
            : text;
    }
}
