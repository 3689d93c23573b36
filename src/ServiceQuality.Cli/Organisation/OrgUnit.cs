using System.Globalization;
using System.Text.Json;
using ServiceQuality.Cli.Simulation;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli.Organisation;

/// <summary>A unit of the tree, as the API shows it to the person who asks.</summary>
internal sealed record OrgUnit(Guid Id, string Code, BilingualName Name, string Kind, string? ContactPoint, string Path, string TimeZone, long CustomersServed, string State, WorkingCalendar? Calendar)
{
    /// <summary>Every unit that the caller may see, from the root down.</summary>
    public static async Task<IReadOnlyList<OrgUnit>> AllAsync(ServiceClient client, CancellationToken ct)
    {
        var units = new List<OrgUnit>();
        for (string? after = null; ;)
        {
            var page = await client.GetAsync(after is null ? "api/units" : $"api/units?after={Uri.EscapeDataString(after)}", ct);
            units.AddRange(page.GetProperty("items").Deserialize<OrgUnit[]>(JsonSerializerOptions.Web)!);
            after = page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
            if (after is null)
                return [.. units.OrderBy(unit => unit.Path, StringComparer.Ordinal)];
        }
    }

    /// <summary>The unit as the simulator plays it; null for kinds that report no facts.</summary>
    public SimulatedUnit? Simulated => SimulatedUnit.Of(Code, Kind, Path, TimeZone, Calendar?.Hours);
}

internal sealed record BilingualName(string? Zh, string? En)
{
    public string In(Surroundings surroundings) => (surroundings.Chinese ? Zh ?? En : En ?? Zh) ?? "";
}

/// <summary>Opening hours as the tree keeps them: <c>weekly: { mon: ["08:30-12:00", …] }</c> and dates on which other hours hold.</summary>
internal sealed record WorkingCalendar(IReadOnlyDictionary<string, IReadOnlyList<string>>? Weekly, IReadOnlyList<SpecialDate>? Exceptions)
{
    private static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public OpeningHours Hours => new(
        (Weekly ?? new Dictionary<string, IReadOnlyList<string>>())
            .Where(day => Weekdays.Contains(day.Key))
            .ToDictionary(day => (DayOfWeek)Array.IndexOf(Weekdays, day.Key), day => Read(day.Value)),
        (Exceptions ?? []).ToDictionary(day => day.Date, day => Read(day.Open ?? [])));

    private static IReadOnlyList<(TimeSpan, TimeSpan)> Read(IReadOnlyList<string> hours) =>
        [.. hours.Select(text => text.Split('-')).Where(ends => ends.Length == 2).Select(ends => (Time(ends[0]), Time(ends[1])))];

    // 24:00 is the end of the day, which TimeOnly does not know.
    private static TimeSpan Time(string text) => text.Trim() == "24:00" ? TimeSpan.FromHours(24) : TimeOnly.Parse(text, CultureInfo.InvariantCulture).ToTimeSpan();
}

internal sealed record SpecialDate(DateOnly Date, IReadOnlyList<string>? Open);
