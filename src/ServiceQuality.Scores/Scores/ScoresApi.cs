using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Scores.Evaluations;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>Scores of one unit.</summary>
internal static class ScoresApi
{
    private const int MaxPoints = 800;
    private const int MaxReadings = 400_000;

    public static void MapUnitScores(this IEndpointRouteBuilder routes)
    {
        var scores = routes.MapGroup("/api/scores/{unit}").WithTags("Scores").WithGroupName(ScoresService.Name);
        scores.MapGet("/", Get).WithName("score").RequirePermission(Permissions.ReadScores).WithSummary("The score of a unit with every indicator.");
        scores.MapGet("/explanation", Explain).WithName("score-explanation").RequirePermission(Permissions.ReadScores).WithSummary("The score with the facts that cost it the most, its parts as a service-quality index with the cases behind deductions and bonuses, and the fuzzy verdict beside it.");
        scores.MapGet("/changes", Changes).WithName("score-changes").RequirePermission(Permissions.ReadScores)
            .WithSummary("What changed the score between two moments; from: default 24 hours before to; to: default now.")
            .WithDescription("knowledge=then (default) compares what was known at the two moments. knowledge=now compares with what is known today, late facts included: from and to are taken at the full hour before them, to stays now when it is not given, and a window with less than half of the indicators or hardly any facts has no score; this is the change24h of the overview.");
        scores.MapGet("/history", History).WithName("score-history").RequirePermission(Permissions.ReadScores).WithSummary("Scores of windows that end at each full hour or day, with today's knowledge.");
    }

    private static async Task<Results<Ok<ScoreView>, ProblemHttpResult>> Get(
        string unit, string? period, string? asOf, int? version, HttpContext context, UnitReplica units, SchemeBook schemes, UnitScores scores, TimeProvider clock, CancellationToken ct)
    {
        var tree = units.Tree;
        var (asked, moment, scheme) = (Period.Default, default(DateTimeOffset?), default(Scheme));
        if ((ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out var found) ?? ScoreQuery.Read(period, schemes, clock, tree, out asked)
             ?? ScoreQuery.Read(asOf, "asOf", clock, out moment) ?? Version(schemes, tree, clock, version, out scheme)) is { } problem)
            return problem;
        return TypedResults.Ok(ScoreView.Of(await scores.ReadAsync(found, asked, moment, scheme, ct)));
    }

    private static async Task<Results<Ok<ScoreView>, ProblemHttpResult>> Explain(
        string unit, string? period, string? asOf, int? version, HttpContext context, UnitReplica units, SchemeBook schemes, UnitScores scores, CostlyFacts costly, AdjustmentCases cases, TimeProvider clock, CancellationToken ct)
    {
        var tree = units.Tree;
        var (asked, moment, scheme) = (Period.Default, default(DateTimeOffset?), default(Scheme));
        if ((ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out var found) ?? ScoreQuery.Read(period, schemes, clock, tree, out asked)
             ?? ScoreQuery.Read(asOf, "asOf", clock, out moment) ?? Version(schemes, tree, clock, version, out scheme)) is { } problem)
            return problem;
        var score = await scores.ReadAsync(found, asked, moment, scheme, ct);
        var withData = context.Caller().May(Permissions.ReadFacts, found.Path);
        return TypedResults.Ok(ScoreView.Of(score, await costly.FindAsync(score, withData, ct)) with
        {
            Index = QualityIndexView.Of(score, await cases.FindAsync(score, tree, withData, ct)),
            Fuzzy = FuzzySummaryView.Of(score.Score),
        });
    }

    private static async Task<Results<Ok<ChangesView>, ProblemHttpResult>> Changes(
        string unit, string? period, string? from, string? to, string? knowledge, HttpContext context, UnitReplica units, SchemeBook schemes, UnitScores scores, TimeProvider clock, CancellationToken ct)
    {
        var tree = units.Tree;
        var (asked, start, end) = (Period.Default, default(DateTimeOffset?), default(DateTimeOffset?));
        if ((ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out var found) ?? ScoreQuery.Read(period, schemes, clock, tree, out asked)
             ?? ScoreQuery.Read(from, "from", clock, out start) ?? ScoreQuery.Read(to, "to", clock, out end)) is { } problem)
            return problem;
        if ((knowledge ??= "then") is not ("then" or "now"))
            return Problems.Of(StatusCodes.Status400BadRequest, "knowledge-invalid", "'knowledge' is then or now.");
        start ??= (end ?? clock.GetUtcNow()).AddDays(-1);
        if (start > (end ?? clock.GetUtcNow()))
            return Problems.Of(StatusCodes.Status400BadRequest, "range-invalid", "'from' lies after 'to'.");

        var (earlier, later) = knowledge == "now"
            ? await scores.CompareAsync(found, asked, start.Value, end, ct)
            : (await scores.ReadAsync(found, asked, start, version: null, ct), await scores.ReadAsync(found, asked, end, version: null, ct));
        return TypedResults.Ok(ChangesView.Of(earlier, later));
    }

    private static async Task<Results<Ok<HistoryView>, ProblemHttpResult>> History(
        string unit, string? period, string? from, string? to, string? step, HttpContext context, UnitReplica units, SchemeBook schemes, UnitScores scores, TimeProvider clock, CancellationToken ct)
    {
        var tree = units.Tree;
        var (asked, start, end) = (Period.Default, default(DateTimeOffset?), default(DateTimeOffset?));
        if ((ScoreQuery.Find(context, tree, unit, Permissions.ReadScores, out var found) ?? ScoreQuery.Read(period, schemes, clock, tree, out asked)
             ?? ScoreQuery.Read(from, "from", clock, out start) ?? ScoreQuery.Read(to, "to", clock, out end)) is { } problem)
            return problem;
        if ((step ??= "hour") is not ("hour" or "day"))
            return Problems.Of(StatusCodes.Status400BadRequest, "step-invalid", "'step' is hour or day.");

        var last = Zones.Of(found.TimeZone).HourAt(end ?? clock.GetUtcNow());
        var moments = Moments(start ?? last.AddDays(step == "hour" ? -7 : -28), last, step == "hour" ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1));
        if (moments is null || moments.Count * (long)await scores.CountAsync(found, ct) > MaxReadings)
            return Problems.Of(StatusCodes.Status400BadRequest, "range-too-long", $"At most {MaxPoints} points at a time, fewer for a unit with many below it.");
        return TypedResults.Ok(new HistoryView(UnitView.Of(found), asked.ToString(), step,
            [.. (await scores.HistoryAsync(found, asked, moments, ct)).Select(point => HistoryPoint.Of(point.At, point.Score))]));
    }

    /// <summary>Full hours back from the last one, oldest first; null when there are too many.</summary>
    private static List<DateTimeOffset>? Moments(DateTimeOffset from, DateTimeOffset last, TimeSpan step)
    {
        if ((last - from) / step >= MaxPoints)
            return null;
        var moments = new List<DateTimeOffset>();
        for (var moment = last; moment >= from; moment -= step)
            moments.Add(moment);
        moments.Reverse();
        return moments;
    }

    /// <summary>Another version of the scheme in force, so that old and new can be compared where a version changed inside a period.</summary>
    private static ProblemHttpResult? Version(SchemeBook schemes, UnitTree tree, TimeProvider clock, int? version, out Scheme? scheme)
    {
        scheme = null;
        if (version is null)
            return null;
        var inForce = schemes.InForce(tree.Today(clock.GetUtcNow()));
        if (schemes.Find(inForce.Id, version) is not { IsApproved: true } found || !schemes.Active.Covers(found.Scheme))
            return Problems.Of(StatusCodes.Status400BadRequest, "version-invalid", "The scheme has no such approved version.");
        scheme = found.Scheme;
        return null;
    }
}
