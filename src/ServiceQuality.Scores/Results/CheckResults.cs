using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>Looks through computed results for missing parts, thin coverage, outliers, a wrong or changed scheme, open proposals and appeals, and facts that came since (SCO-24).</summary>
internal sealed class CheckResults(SchemeBook schemes, IOptions<ResultSettings> settings)
{
    public async Task<Findings> RunAsync(NpgsqlConnection connection, Closing closing, CancellationToken ct)
    {
        var units = (await ClosingRows.UnitsAsync(connection, closing.Id, "", ct)).ToDictionary(unit => unit.Unit);
        var documents = await DocumentsAsync(connection, closing, ct);
        var (from, to) = documents.Count > 0 ? (documents.Min(one => one.From), documents.Max(one => one.To)) : (closing.Moment, closing.Moment);
        var found = new List<Finding>();
        OfSchemes(closing, Zones.Of(units[closing.Unit].TimeZone), found);
        foreach (var document in documents)
            OfDocument(document, units[document.Unit.Id], found);
        OfSiblings(documents, units, found);
        await OfJumpsAsync(connection, closing, documents, found, ct);
        await OfTableAsync(connection, "open-deductions",
            "SELECT d.unit, count(*) FROM deduction d JOIN closing_unit u ON u.closing = $1 AND u.unit = d.unit WHERE d.state IN ('proposed', 'appealed') AND d.happened >= $2 AND d.happened < $3 GROUP BY d.unit",
            closing, from, to, units, found, ct);
        await OfTableAsync(connection, "open-appeals",
            "SELECT a.unit, count(*) FROM appeal a JOIN closing_unit u ON u.closing = $1 AND u.unit = a.unit JOIN closing c ON c.id = a.closing WHERE a.state = 'filed' AND c.period = ANY ($4) AND c.moment BETWEEN $2 AND $3 GROUP BY a.unit",
            closing, from, closing.Moment, units, found, ct, Parts(closing.Period));
        await OfTableAsync(connection, "late-facts",
            "SELECT u.unit, count(*) FROM closing_unit u JOIN branch b ON b.unit = u.unit JOIN journal j ON j.branch = b.id AND j.seq > u.seq WHERE u.closing = $1 AND j.time >= $2 AND j.time < $3 GROUP BY u.unit",
            closing, from, to, units, found, ct);
        return Findings.Of(found);
    }

    /// <summary>A version that changed inside the period, or another one that is in force at its end by now.</summary>
    private void OfSchemes(Closing closing, TimeZoneInfo zone, List<Finding> found)
    {
        var window = closing.Period.Window(closing.Moment, zone);
        var inForce = schemes.InForce(window, zone);
        if (inForce.Reference != closing.Scheme)
            found.Add(new("scheme-replaced", null, null, inForce.Reference));
        foreach (var version in schemes.Versions.Where(one => one.IsApproved && one.Scheme.Id == inForce.Id && one.Scheme.EffectiveFrom > closing.Period.Start && one.Scheme.EffectiveFrom <= closing.Period.End))
            found.Add(new("scheme-changed", null, null, $"{version.Scheme.Reference} {version.Scheme.EffectiveFrom:yyyy-MM-dd}"));
    }

    private static void OfDocument(ResultDocument document, PinnedUnit unit, List<Finding> found)
    {
        if (document.Annual is { } annual)
        {
            foreach (var quarter in annual.Quarters.Where(quarter => quarter.Official is null))
                found.Add(new("quarter-missing", unit.Unit, unit.Code, quarter.Period));
            return;
        }
        if (document.Exact is null)
        {
            found.Add(new("no-score", unit.Unit, unit.Code, null));
            return;
        }
        if (Math.Round(document.Coverage, 9) < Scorer.GradedCoverage)
            found.Add(new("low-coverage", unit.Unit, unit.Code, Number(document.Coverage)));
        foreach (var family in document.Families.Where(family => family.Points is null && family.Coverage == 0 && family.EffectiveWeight == 0))
            found.Add(new("missing-part", unit.Unit, unit.Code, family.Code));
    }

    private void OfSiblings(List<ResultDocument> documents, Dictionary<Guid, PinnedUnit> units, List<Finding> found)
    {
        foreach (var siblings in documents.Where(one => one.Official is not null).GroupBy(one => units[one.Unit.Id].Parent))
        {
            var list = siblings.ToList();
            var scores = Outliers.ModifiedZ([.. list.Select(one => (double)one.Official!.Value)]);
            found.AddRange(list.Select((one, index) => (one, z: scores[index])).Where(it => Math.Abs(it.z ?? 0) > settings.Value.OutlierZ)
                .Select(it => new Finding("outlier", it.one.Unit.Id, it.one.Unit.Code, Number(it.z!.Value))));
        }
    }

    private async Task OfJumpsAsync(NpgsqlConnection connection, Closing closing, List<ResultDocument> documents, List<Finding> found, CancellationToken ct)
    {
        var before = Period.Whole(closing.Period.Kind, closing.Period.Start!.Value.AddDays(-1)).ToString();
        var earlier = await ResultRows.PublishedAsync(connection, [.. documents.Select(one => one.Unit.Id)], [before], ct);
        found.AddRange(documents.Select(one => (one, change: one.Official - earlier.GetValueOrDefault((one.Unit.Id, before))?.Official))
            .Where(it => Math.Abs((double)(it.change ?? 0)) > settings.Value.JumpPoints).Select(it => new Finding("jump", it.one.Unit.Id, it.one.Unit.Code, Number((double)it.change!.Value))));
    }

    private static async Task OfTableAsync(
        NpgsqlConnection connection, string code, string sql, Closing closing, DateTimeOffset from, DateTimeOffset to, Dictionary<Guid, PinnedUnit> units, List<Finding> found, CancellationToken ct, string[]? parts = null)
    {
        await using var command = parts is null ? ClosingRows.Command(connection, sql, closing.Id, from, to) : ClosingRows.Command(connection, sql, closing.Id, from, to, parts);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<Finding>();
        while (await reader.ReadAsync(ct))
            rows.Add(new(code, reader.GetGuid(0), units[reader.GetGuid(0)].Code, reader.GetInt64(1).ToString(CultureInfo.InvariantCulture)));
        found.AddRange(rows.OrderBy(row => row.UnitCode, StringComparer.Ordinal));
    }

    /// <summary>The months, quarters and half-years that a period is made of.</summary>
    private static string[] Parts(Period period) =>
    [
        .. from kind in new[] { PeriodKind.Month, PeriodKind.Quarter, PeriodKind.HalfYear }
           where kind < period.Kind
           from part in Enumerable.Range(0, 12).Select(month => Period.Whole(kind, period.Start!.Value.AddMonths(month))).Distinct()
           where part.End <= period.End
           select part.ToString(),
    ];

    private static async Task<List<ResultDocument>> DocumentsAsync(NpgsqlConnection connection, Closing closing, CancellationToken ct)
    {
        await using var command = ResultRows.NewestCommand(connection, closing.Id, [""], withContent: true);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var documents = new List<ResultDocument>();
        while (await reader.ReadAsync(ct))
            documents.Add(ResultSeal.Read(reader.GetString(16)) with { Leaves = [], Journals = [] });
        return documents;
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
