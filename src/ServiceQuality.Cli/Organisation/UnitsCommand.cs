using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ServiceQuality.Cli.Access;
using ServiceQuality.Cli.Telemetry;
using Spectre.Console;

namespace ServiceQuality.Cli.Organisation;

/// <summary>`sq units`: the tree as far as the caller may see it.</summary>
internal static class UnitsCommand
{
    public static Command Create(Surroundings surroundings)
    {
        var connection = new Connection(surroundings);
        var kind = new Option<string?>("--kind") { Description = "Only units of this kind", HelpName = "KIND" };
        var json = new Option<bool>("--json") { Description = "Write the units as JSON" };
        var command = new CommandWithExamples("units", "List the units that you may see.", "sq units", "sq units --kind hotline --json")
        {
            connection.Url, connection.Token, kind, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var client = await connection.AsPersonAsync(parsed, ct);
            var units = (await OrgUnit.AllAsync(client, ct)).Where(unit => parsed.GetValue(kind) is not { } wanted || unit.Kind == wanted).ToList();
            if (parsed.GetValue(json))
            {
                await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(units, CloudEvent.DataForm));
                return ExitCodes.Done;
            }

            var table = new Table().Border(TableBorder.Simple)
                .AddColumns(surroundings.Say("Unit", "单位"), surroundings.Say("Name", "名称"), surroundings.Say("Kind", "类型"), surroundings.Say("State", "状态"))
                .AddColumn(new TableColumn(surroundings.Say("Customers", "服务客户数")).RightAligned());
            foreach (var unit in units)
            {
                var depth = unit.Path.Count(letter => letter == '/') - 1;
                table.AddRow(Markup.Escape(new string(' ', 2 * Math.Max(0, depth)) + unit.Code), Markup.Escape(unit.Name.In(surroundings)),
                    Markup.Escape(unit.ContactPoint ?? unit.Kind), Markup.Escape(unit.State), unit.CustomersServed.ToString("N0", CultureInfo.InvariantCulture));
            }

            surroundings.Tables().Write(table);
            return ExitCodes.Done;
        });
        return command;
    }
}
