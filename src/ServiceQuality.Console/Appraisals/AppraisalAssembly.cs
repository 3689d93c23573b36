using System.Globalization;
using ServiceQuality.Access;
using ServiceQuality.Console.Shell;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Appraisals;

/// <summary>Reads what the pages of official results show.</summary>
public sealed class AppraisalAssembly(SuiteReader suite, SchemeShelf shelf, Reader reader)
{
    /// <summary>Results on a page.</summary>
    public const int PageSize = 100;

    /// <summary>All closings, and what waits for a decision.</summary>
    public async Task<ResultsView> AllAsync(string unit, string period, Answered? refused, CancellationToken ct)
    {
        var closings = suite.ScoresAsync<Closings>($"api/results/closings", ct);
        var appeals = suite.ScoresAsync<AppealLines>($"api/results/appeals?state=filed", ct);
        var restatements = suite.ScoresAsync<RestatementLines>($"api/results/restatements?state=proposed", ct);
        return new(await closings, await appeals, await restatements, reader.Caller?.May(Permissions.ManageResults) == true, Periods(reader.Local(reader.Now)), unit, period, refused);
    }

    internal async Task<IResult> ClosingAsync(Guid id, int offset, string? done, string typed, Answered? refused, CancellationToken ct)
    {
        var closing = await suite.ScoresAsync<Closing>($"api/results/closings/{id}", ct);
        if (closing.Value is not { } found)
            return Missing(closing.Obstacle);
        var page = found.State is "computing" or "discarded" ? default : await suite.ScoresAsync<ResultPage>($"api/results/closings/{id}/units?offset={offset}&limit={PageSize}", ct);
        var scheme = await shelf.OfAsync(found.SchemeRef, suite, ct);
        return Pages.Show<ClosingPage>(new { View = new ClosingView(found, page, scheme, offset, done, typed, refused) }, refused?.Status ?? StatusCodes.Status200OK);
    }

    internal async Task<IResult> RankingAsync(Guid id, string? under, string? level, CancellationToken ct)
    {
        var ranking = await suite.ScoresAsync<OfficialRanking>($"api/results/closings/{id}/ranking?under={under?.Trim()}&level={level}", ct);
        return ranking.Value is { } found
            ? Pages.Show<RankingPage>(new { View = new RankingView(found, await shelf.OfAsync(found.Closing.SchemeRef, suite, ct)) })
            : Missing(ranking.Obstacle);
    }

    internal async Task<IResult> ResultAsync(string code, string period, bool compare, string? done, string reason, string evidence, Answered? refused, CancellationToken ct)
    {
        var result = await suite.ScoresAsync<UnitResult>($"api/results/units/{code}/{period}", ct);
        if (result.Value is not { } found)
            return Missing(result.Obstacle);
        var comparison = compare ? (await suite.ScoresAsync<Comparison>($"api/results/units/{code}/{period}/comparison", ct)).Value : null;
        var restatements = (await suite.ScoresAsync<RestatementLines>($"api/results/restatements?state=proposed", ct)).Value?.Items ?? [];
        var scheme = await shelf.OfAsync(found.Document.Scheme, suite, ct);
        return Pages.Show<ResultPageOfUnit>(new
        {
            View = new ResultView(found, scheme, [.. restatements.Where(one => one.Unit.Id == found.Unit.Id && one.Period == found.Period)],
                [.. restatements.Where(one => one.Period == found.Period && (one.With ?? []).Any(other => other.Unit.Id == found.Unit.Id))], comparison, done, reason, evidence, refused),
        }, refused?.Status ?? StatusCodes.Status200OK);
    }

    /// <summary>The periods that were over most recently, newest first: three months, two quarters, a half-year, a year.</summary>
    internal static IReadOnlyList<string> Periods(DateTimeOffset today)
    {
        var month = new DateOnly(today.Year, today.Month, 1);
        var quarter = month.AddMonths(-((month.Month - 1) % 3));
        var half = month.AddMonths(-((month.Month - 1) % 6));
        return
        [
            .. Enumerable.Range(1, 3).Select(back => month.AddMonths(-back).ToString("yyyy-MM", CultureInfo.InvariantCulture)),
            .. Enumerable.Range(1, 2).Select(back => quarter.AddMonths(-3 * back)).Select(first => FormattableString.Invariant($"{first.Year}-Q{(first.Month + 2) / 3}")),
            FormattableString.Invariant($"{half.AddMonths(-6).Year}-H{(half.AddMonths(-6).Month + 5) / 6}"),
            FormattableString.Invariant($"{month.Year - 1}"),
        ];
    }

    private static Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult Missing(Obstacle? obstacle) => obstacle switch
    {
        Obstacle.NotAllowed => Pages.Problem("refused", StatusCodes.Status403Forbidden),
        Obstacle.Unknown or Obstacle.Refused => Pages.Problem("missing", StatusCodes.Status404NotFound),
        _ => Pages.Problem("away", StatusCodes.Status503ServiceUnavailable),
    };
}
