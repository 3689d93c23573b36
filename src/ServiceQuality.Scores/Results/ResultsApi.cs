using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>Official results of single units (scoring.md §11, RPT-26).</summary>
internal static class ResultsApi
{
    public static void MapResults(this IEndpointRouteBuilder routes)
    {
        routes.MapClosings();
        routes.MapCorrections();
        var results = routes.MapGroup("/api/results/units/{unit}").WithTags("Results").WithGroupName(ScoresService.Name);
        results.MapGet("/", History).WithName("result-history").RequirePermission(Permissions.ReadScores).WithSummary("Every published period of a unit.");
        results.MapGet("/{period}", Get).WithName("result").RequirePermission(Permissions.ReadScores).WithSummary("The official result of a unit, its restatements and appeals, and the live score apart from it.");
        results.MapGet("/{period}/documents/{number:int}", Document).WithName("result-document").RequirePermission(Permissions.ReadScores).WithSummary("A document as it was sealed, byte for byte; sq verify-result checks it.")
            .Produces(StatusCodes.Status200OK, contentType: "application/json");
        results.MapPost("/{period}/verify", Verify).WithName("verify-result").RequirePermission(Permissions.ReadAudit).WithSummary("Recomputes a document from the journals up to its positions and compares the hash; number: default the newest.");
        results.MapGet("/{period}/comparison", Compare).WithName("compare-result").RequirePermission(Permissions.ReadScores).WithSummary("What the same period gives as of now, late facts included, leaf by leaf.");
    }

    private static async Task<Results<Ok<ResultHistory>, ProblemHttpResult>> History(
        string unit, HttpContext context, UnitReplica units, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        if (ScoreQuery.Find(context, units.Tree, unit, Permissions.ReadScores, out var found) is { } problem)
            return problem;
        await using var connection = await db.OpenConnectionAsync(ct);
        return TypedResults.Ok(new ResultHistory(UnitView.Of(found), [.. (await ResultRows.OfUnitAsync(connection, found.Id, ct)).Select(DocumentLine.Of)]));
    }

    private static async Task<Results<Ok<ResultView>, ProblemHttpResult>> Get(
        string unit, string period, HttpContext context, ResultAccess access, ResultReader reader, CancellationToken ct)
    {
        var (problem, found, closing) = await access.PublishedAsync(context, unit, period, Permissions.ReadScores, ct);
        return problem is not null ? problem : TypedResults.Ok(await reader.ReadAsync(closing!, found!, context.Caller(), ct));
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> Document(
        string unit, string period, int number, HttpContext context, ResultAccess access, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        var (problem, found, closing) = await access.PublishedAsync(context, unit, period, Permissions.ReadScores, ct);
        if (problem is not null)
            return problem;
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await ResultRows.FindAsync(connection, closing!.Id, found!.Id, number, ct) is not { } document)
            return Problems.Of(StatusCodes.Status404NotFound, "no-document", "There is no document of this number.");
        context.Response.Headers.ETag = $"\"{document.Row.Hash}\"";
        return TypedResults.Text(document.Content, "application/json");
    }

    private static async Task<Results<Ok<ProofView>, ProblemHttpResult>> Verify(
        string unit, string period, int? number, HttpContext context, ResultAccess access, Recompute recompute, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        var (problem, found, closing) = await access.PublishedAsync(context, unit, period, Permissions.ReadAudit, ct);
        if (problem is not null)
            return problem;
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await ResultRows.FindAsync(connection, closing!.Id, found!.Id, number, ct) is not { } document)
            return Problems.Of(StatusCodes.Status404NotFound, "no-document", "There is no document of this number.");
        var stored = ResultSeal.Read(document.Content);
        if (stored.Journals.Count > Recompute.MostJournals)
            return Problems.Of(StatusCodes.Status409Conflict, "too-many-journals", $"Of a unit with more than {Recompute.MostJournals} journals verify the parts.");
        var proof = await recompute.ProveAsync(closing, stored, ResultSeal.Verify(document.Content).Computed, ct);
        return TypedResults.Ok(new ProofView(UnitView.Of(found), period, document.Row.Number, proof.Stated, proof.Recomputed, proof.Agrees && proof.Stated == document.Row.Hash));
    }

    private static async Task<Results<Ok<ComparisonView>, ProblemHttpResult>> Compare(
        string unit, string period, HttpContext context, ResultAccess access, CompareResult comparison, CancellationToken ct)
    {
        var (problem, found, closing) = await access.PublishedAsync(context, unit, period, Permissions.ReadScores, ct);
        if (problem is not null)
            return problem;
        var (outcome, compared) = await comparison.RunAsync(closing!, found!, context.Caller(), ct);
        if (!outcome.IsRefused)
            return TypedResults.Ok(compared!);
        return outcome.Code == "no-result" ? Problems.Of(StatusCodes.Status404NotFound, "no-result", "There is no published result of this unit for this period.") : outcome.ToProblem();
    }
}

/// <summary>Reads a unit's result with everything around it.</summary>
internal sealed class ResultReader(
    [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, Appeals appeals, ScoreBoard board, SchemeBook schemes, UnitReplica units, TimeProvider clock)
{
    public async Task<ResultView> ReadAsync(Closing closing, OrgUnit unit, Caller caller, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var (row, content) = (await ResultRows.FindAsync(connection, closing.Id, unit.Id, number: null, ct))!.Value;
        var documents = await ResultRows.NumbersAsync(connection, closing.Id, unit.Id, ct);
        var filed = await appeals.OfUnitAsync(closing.Id, unit.Id, ct);
        var now = clock.GetUtcNow();
        var live = LiveView.Of((await board.ViewAsync(schemes.InForce(units.Tree.Today(now)).MainPeriod, ct)).Rows.FirstOrDefault(one => one.Unit.Id == unit.Id));
        var appeal = ClosingRules.Appeal(closing, now);
        if (!appeal.IsRefused && filed.Any(one => one.State == ResultAppeal.IsFiled))
            appeal = Outcome.Refused("appeal-already-filed", "There is an open appeal of this unit already.");
        var mayAppeal = caller.May(Permissions.Appeal, unit.Path);
        string[] actions = [.. mayAppeal && !appeal.IsRefused ? ["appeal"] : Array.Empty<string>(), .. caller.May(Permissions.ManageResults, unit.Path) ? ["restate"] : Array.Empty<string>()];
        return new(UnitView.Of(unit), closing.Period.ToString(), closing.State, closing.Published, closing.AppealsUntil, closing.Frozen, JsonSerializer.Deserialize<JsonElement>(content), [.. documents.Select(DocumentLine.Of)],
            [.. filed.Select(one => AppealView.Of(one, unit, caller))], live, live?.Score - (double?)row.Official, actions, mayAppeal ? appeal.Code : null);
    }
}
