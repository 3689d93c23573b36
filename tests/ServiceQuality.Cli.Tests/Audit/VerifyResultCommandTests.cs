using System.Text.Json;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Cli.Tests.Audit;

public sealed class VerifyResultCommandTests : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Sq sq = new();

    public void Dispose() => sq.Dispose();

    private static SealedResult Result(string code, double wait)
    {
        var (scheme, zone) = (DefaultSchemes.Telecom, TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"));
        var ledger = new Ledger(MeasureCatalogue.Of(scheme), zone);
        var at = new DateTimeOffset(2026, 10, 15, 4, 0, 0, TimeSpan.Zero);
        for (var seq = 1; seq <= 40; seq++)
            ledger.Fold(new Fact(seq, "queue", $"{seq}", at.AddMinutes(seq), at.AddMinutes(seq), new ServiceCompleted(Channel.Hall, "new-line", null, wait, 300, ServiceOutcome.Resolved, 0, 4, null)));
        var score = Scorer.Evaluate(scheme, ledger.Read(Period.Parse("2026-10").Window(at.AddDays(30), zone)));
        return ResultSeal.Seal(ResultDocument.Of(new ResultUnit(Guid.Empty, code, new("青砚", "Qingyan"), $"hq/{code}/", zone.Id), score, [new(Guid.Empty, 40, zone.Id)], []));
    }

    [Fact]
    public async Task A_downloaded_document_holds_also_when_it_was_indented()
    {
        var result = Result("n01", 200);
        var indented = JsonSerializer.Serialize(JsonDocument.Parse(result.Content), Indented);

        foreach (var text in new[] { result.Content, indented })
        {
            var ran = await sq.RunAsync("verify-result", sq.Write("result.json", text));
            Assert.Equal(ExitCodes.Done, ran.Code);
            Assert.Contains("n01 2026-10 #0", ran.Output, StringComparison.Ordinal);
            Assert.Contains(result.Hash, ran.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_document_that_somebody_changed_is_named_among_the_others()
    {
        var (good, bad) = (Result("n01", 200), Result("n02", 700).Content);
        var forged = bad.Replace("\"coverage\":", "\"coverage\":0.", StringComparison.Ordinal).Replace("0.0.", "0.", StringComparison.Ordinal);

        var ran = await sq.RunAsync("verify-result", sq.Write("results.json", $"[{good.Content},{forged}]"));
        var json = await sq.RunAsync("verify-result", sq.Write("results.json", $"[{good.Content},{forged}]"), "--json");

        Assert.Equal(ExitCodes.Findings, ran.Code);
        Assert.Contains("n02 2026-10 #0: CHANGED", ran.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 documents hold", ran.Output, StringComparison.Ordinal);
        Assert.Equal([true, false], JsonDocument.Parse(json.Output).RootElement.EnumerateArray().Select(line => line.GetProperty("holds").GetBoolean()));
    }

    [Fact]
    public async Task A_restatement_says_what_it_replaces_and_why_and_must_follow_from_the_documents_in_the_file()
    {
        var (before, former) = (Result("n01", 700), Result("north", 700));
        var cause = ResultSeal.Seal(ResultSeal.Read(Result("n01", 200).Content) with { Number = 1, Restatement = new Restatement(before.Hash, "Late facts.", null, new(null, null, [], 0, 0)) });
        SealedResult North(string formerHash, string causeHash) => ResultSeal.Seal(ResultSeal.Read(Result("north", 200).Content) with
        {
            Number = 1, Restatement = new Restatement(formerHash, "Late facts.", null, new(null, null, [], 0, 0)) { Cause = new(Guid.Empty, "n01", 1, causeHash) },
        });
        var north = North(former.Hash, cause.Hash);

        var right = await sq.RunAsync("verify-result", sq.Write("a.json", $"[{before.Content},{cause.Content},{former.Content},{north.Content}]"));
        var alone = await sq.RunAsync("verify-result", sq.Write("b.json", north.Content));
        var otherFormer = await sq.RunAsync("verify-result", sq.Write("c.json", $"[{former.Content},{North(before.Hash, cause.Hash).Content}]"));
        var otherCause = await sq.RunAsync("verify-result", sq.Write("d.json", $"[{cause.Content},{North(former.Hash, before.Hash).Content}]"));

        Assert.Equal((ExitCodes.Done, ExitCodes.Done), (right.Code, alone.Code));
        Assert.Contains($"north 2026-10 #1: restates {former.Hash[..12]}, because of n01 #1 {cause.Hash[..12]}", right.Output, StringComparison.Ordinal);
        Assert.Contains("4 of 4 documents hold", right.Output, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Findings, ExitCodes.Findings), (otherFormer.Code, otherCause.Code));
        Assert.Contains("north 2026-10 #1: it restates or was caused by another document", otherCause.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 documents hold", otherFormer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[1]")]
    public async Task What_is_no_result_is_told_with_the_usage_code(string text)
    {
        var ran = await sq.RunAsync("verify-result", sq.Write("result.json", text));

        Assert.Equal(ExitCodes.Usage, ran.Code);
        Assert.StartsWith("sq: ", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told() => Assert.Equal(ExitCodes.Usage, (await sq.RunAsync("verify-result", "nowhere.json")).Code);
}
