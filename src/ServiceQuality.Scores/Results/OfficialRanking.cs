using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>A place in an official ranking. <paramref name="Tied"/>: how many others share it, to the last of two decimals; <paramref name="Number"/> above 0 is a restatement.</summary>
internal sealed record OfficialPlace(int Place, int Tied, UnitView Unit, decimal Official, string? Grade, double Coverage, int Number, string Hash);

/// <summary>A unit without a place, and why: <c>no-data</c> nothing happened that the scheme looks at, <c>no-quarter</c> no quarter of the year has a result, <c>not-active</c> it was not active.</summary>
internal sealed record NotAssessedView(UnitView Unit, string Reason);

/// <summary>
/// The ranking of a published period (RPT-08), by official points only: nothing of it is live. Places count all units of the level; <paramref name="Hidden"/> of them are beyond what the caller may see.
/// </summary>
internal sealed record OfficialRankingView(
    ClosingView Closing, UnitView Under, string? Level, IReadOnlyList<string> Levels, int Ranked, int Hidden, IReadOnlyList<OfficialPlace> Units, IReadOnlyList<NotAssessedView> NotAssessed);

/// <summary>Ranks the official results of a closing.</summary>
internal static class OfficialRanking
{
    private const string Header = "place,tied,unit,name_zh,name_en,official,grade,coverage,number,reason,hash";

    public static async Task<IResult> Get(
        Guid id, string? under, string? level, string? format, HttpContext context, UnitReplica units, ResultAccess access, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        if (format is not (null or "" or "json" or "csv"))
            return Problems.Of(StatusCodes.Status400BadRequest, "format-invalid", "'format' is json or csv.");
        var (problem, closing, top) = await access.ClosingAsync(context, id, toManage: false, ct);
        if (problem is not null)
            return problem;
        if (!closing!.IsOut)
            return Problems.Of(StatusCodes.Status409Conflict, "closing-not-published", "The results are not published.");
        var (tree, caller) = (units.Tree, context.Caller());
        var above = string.IsNullOrEmpty(under) ? top! : tree.Find(under);
        if (above is null || !above.Path.StartsWith(top!.Path, StringComparison.Ordinal))
            return Problems.Of(StatusCodes.Status404NotFound, "unknown-unit", "The closing holds no such unit.");
        var view = await ReadAsync(db, closing, above, level, tree, caller, ct);
        return view.Units.Count + view.NotAssessed.Count + view.Hidden == 0 ? Problems.Of(StatusCodes.Status400BadRequest, "units-none", $"There are no units of this level under '{above.Code}'.")
            : format == "csv" ? TypedResults.File(Csv(view), "text/csv", $"ranking-{above.Code}-{closing.Period}.csv")
            : TypedResults.Ok(view);
    }

    private static async Task<OfficialRankingView> ReadAsync(NpgsqlDataSource db, Closing closing, OrgUnit above, string? level, UnitTree tree, Caller caller, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        // The tree as it was when the period was closed; kinds of units do not change.
        var pinned = (await ClosingRows.UnitsAsync(connection, closing.Id, above.Path, ct)).Where(one => one.Unit != above.Id && tree.Find(one.Unit) is not null).ToList();
        var levels = pinned.Select(one => tree.Find(one.Unit)!.Kind).Distinct(StringComparer.Ordinal).ToList();
        var members = pinned.Where(one => string.IsNullOrEmpty(level) ? one.Parent == above.Id : tree.Find(one.Unit)!.Kind == level).ToList();
        var rows = (await ResultRows.NewestAsync(connection, closing.Id, [above.Path], ct)).ToDictionary(row => row.Unit);

        var ranked = members.Where(one => rows.GetValueOrDefault(one.Unit)?.Official is not null).Select(one => (Unit: tree.Find(one.Unit)!, Row: rows[one.Unit])).ToList();
        var shared = ranked.GroupBy(one => one.Row.Official).ToDictionary(group => group.Key!.Value, group => group.Count());
        var places = ranked.Zip(SiblingRank.Among([.. ranked.Select(one => one.Row.Official)]), (one, rank) =>
            new OfficialPlace(rank!.Place, shared[one.Row.Official!.Value] - 1, UnitView.Of(one.Unit), one.Row.Official.Value, one.Row.Grade, one.Row.Coverage, one.Row.Number, one.Row.Hash));
        var without = members.Where(one => rows.GetValueOrDefault(one.Unit)?.Official is null)
            .Select(one => new NotAssessedView(UnitView.Of(tree.Find(one.Unit)!), !rows.ContainsKey(one.Unit) ? "not-active" : closing.Period.Kind == PeriodKind.Year ? "no-quarter" : "no-data"));

        bool Sees(UnitView unit) => caller.May(Permissions.ReadScores, unit.Path);
        List<OfficialPlace> seen = [.. places.Where(one => Sees(one.Unit)).OrderBy(one => one.Place).ThenBy(one => one.Unit.Code, StringComparer.Ordinal)];
        List<NotAssessedView> missing = [.. without.Where(one => Sees(one.Unit)).OrderBy(one => one.Unit.Code, StringComparer.Ordinal)];
        return new(ClosingView.Of(closing, tree.Find(closing.Unit)!, caller), UnitView.Of(above), string.IsNullOrEmpty(level) ? null : level, levels, ranked.Count, members.Count - seen.Count - missing.Count, seen, missing);
    }

    private static byte[] Csv(OfficialRankingView view)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var one in view.Units)
            Line(one.Place, one.Tied, one.Unit, one.Official, one.Grade, one.Coverage, one.Number, "", one.Hash);
        foreach (var one in view.NotAssessed)
            Line(null, null, one.Unit, null, null, null, null, one.Reason, "");
        // Spreadsheets take a CSV for Chinese only with the mark.
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ToString())];

        void Line(int? place, int? tied, UnitView unit, decimal? official, string? grade, double? coverage, int? number, string reason, string hash) => text.AppendJoin(',', new[]
        {
            ExportResults.Text(place), ExportResults.Text(tied), unit.Code, unit.Name.Zh, unit.Name.En, ExportResults.Text(official), grade, ExportResults.Text(coverage), ExportResults.Text(number), reason, hash,
        }.Select(ExportResults.Field)).Append('\n');
    }
}
