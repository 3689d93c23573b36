using Npgsql;
using ServiceQuality.Scoring.Results;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Restating what was published, and proving it (scoring.md §11, SCO-24).</summary>
public sealed class RestatementTests(RealServers servers) : ResultsOverHttp(servers)
{
    [Fact]
    public async Task SCO_24_An_accepted_appeal_leads_to_a_restatement_and_leaves_the_former_document_bit_for_bit()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        var deduction = await ConfirmedAsync("no-measure", "MI-1");
        await Eventually.Async(() => App.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 2);
        await PublishedAsync("2025-10");
        var former = await DocumentAsync("n01", 0);

        // The unit appeals, against the deduction and the result; others judge; the deduction is withdrawn.
        await App.PostAsync(Manager, $"/api/deductions/{deduction}/appeal", new { reason = "The measure was carried out." });
        Assert.Equal(200, (await App.PostAsync(Auditing(), $"/api/deductions/{deduction}/reverse", new { reason = "It was." })).Status);
        var appeal = await App.PostAsync(Manager, "/api/results/units/n01/2025-10/appeals", new { reason = "MI-1 was carried out.", evidence = "Photo of 12 October." });
        var second = await App.PostAsync(Manager, "/api/results/units/n01/2025-10/appeals", new { reason = "again", evidence = "again" });
        var id = appeal.Body.GetProperty("id").GetGuid();
        var early = await App.PostAsync(Closer, "/api/results/units/n01/2025-10/restatements", new { reason = "x", appeal = id });
        var judged = await App.PostAsync(Publisher, $"/api/results/appeals/{id}/judge", new { accept = true, reason = "The photo shows it." });
        await Eventually.Async(() => App.Database.ScalarAsync<long>("SELECT count(*) FROM journal"), count => count == 3);
        var compared = (await App.ReadAsync(Manager, "/api/results/units/n01/2025-10/comparison")).Body;
        var proposed = await App.PostAsync(Closer, "/api/results/units/n01/2025-10/restatements", new { reason = "Appeal accepted.", appeal = id });
        var restatement = proposed.Body.GetProperty("id").GetGuid();
        var bySame = await App.PostAsync(Closer, $"/api/results/restatements/{restatement}/decide", new { confirm = true });
        var confirmed = await App.PostAsync(Publisher, $"/api/results/restatements/{restatement}/decide", new { confirm = true });

        Assert.Equal((201, "appeal-already-filed", "appeal-not-accepted"), (appeal.Status, ScoresApp.Code(second.Body), ScoresApp.Code(early.Body)));
        Assert.Equal("accepted", judged.Body.GetProperty("state").GetString());
        Assert.Equal((true, "79.00", "80.00"), (compared.GetProperty("differs").GetBoolean(), compared.GetProperty("official").GetRawText(), compared.GetProperty("recomputed").GetRawText()));
        Assert.Equal("restatement-decider-is-proposer", ScoresApp.Code(bySame.Body));
        Assert.Equal("confirmed", confirmed.Body.GetProperty("state").GetString());
        var result = await ResultAsync("n01", "2025-10");
        Assert.Equal("80.00", result.GetProperty("document").GetProperty("official").GetRawText());
        var difference = result.GetProperty("document").GetProperty("restatement").GetProperty("difference");
        Assert.Equal(("1.00", "1"), (difference.GetProperty("official").GetRawText(), difference.GetProperty("adjustments").GetRawText().TrimEnd('0').TrimEnd('.')));
        Assert.Equal([0, 1], result.GetProperty("documents").EnumerateArray().Select(document => document.GetProperty("number").GetInt32()));
        Assert.Equal(former, await DocumentAsync("n01", 0));
        Assert.Equal(ResultSeal.Verify(former).Computed, result.GetProperty("document").GetProperty("restatement").GetProperty("former").GetString());
        foreach (var number in new[] { 0, 1 })
        {
            var proof = (await App.PostAsync(Auditor, $"/api/results/units/n01/2025-10/verify?number={number}")).Body;
            Assert.True(proof.GetProperty("agrees").GetBoolean());
            Assert.True(ResultSeal.Verify(await DocumentAsync("n01", number)) is { Holds: true, AddsUp: true });
        }
        var nothing = await App.PostAsync(Closer, "/api/results/units/n01/2025-10/restatements", new { reason = "again" });
        Assert.Equal((409, "nothing-to-restate"), (nothing.Status, ScoresApp.Code(nothing.Body)));
    }

    [Fact]
    public async Task Late_facts_never_overwrite_a_result_and_the_comparison_tells_them_leaf_by_leaf()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await PublishedAsync("2025-10");
        var former = await DocumentAsync("north", 0);
        await SendAsync(Some.Points(ScoresApp.N01, "late", October, 60));

        var compared = (await App.ReadAsync(Manager, "/api/results/units/n01/2025-10/comparison")).Body;

        Assert.Equal(("80.00", "70.00"), (compared.GetProperty("official").GetRawText(), compared.GetProperty("recomputed").GetRawText()));
        var leaf = compared.GetProperty("difference").GetProperty("leaves").EnumerateArray().Single(one => one.GetProperty("pointsEffect").GetDouble() != 0);
        Assert.Equal((1, 2, -10.0), (leaf.GetProperty("fromSample").GetInt64(), leaf.GetProperty("toSample").GetInt64(), Math.Round(leaf.GetProperty("pointsEffect").GetDouble(), 9)));
        Assert.Equal(former, await DocumentAsync("north", 0));
        Assert.True((await App.PostAsync(Auditor, "/api/results/units/north/2025-10/verify")).Body.GetProperty("agrees").GetBoolean());
    }

    [Theory]
    [InlineData("UPDATE result SET official = 100")]
    [InlineData("DELETE FROM result")]
    [InlineData("TRUNCATE result CASCADE")]
    public async Task The_database_refuses_to_change_a_result(string sql)
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await DraftAsync("2025-10");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => App.Database.ExecuteAsync(sql));

        Assert.Contains("never change", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_document_is_found_by_verification()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await PublishedAsync("2025-10");
        var sealed_ = ResultSeal.Seal(ResultSeal.Read(await DocumentAsync("n01", 0)) with { Coverage = 0.9 });

        // Somebody with the rights of the database's owner swaps the document and seals it anew.
        await App.Database.ExecuteAsync($"ALTER TABLE result DISABLE TRIGGER result_append_only; UPDATE result SET content = '{sealed_.Content}', hash = '{sealed_.Hash}' WHERE unit = '{ScoresApp.N01}'");

        var proof = (await App.PostAsync(Auditor, "/api/results/units/n01/2025-10/verify")).Body;
        Assert.False(proof.GetProperty("agrees").GetBoolean());
        Assert.NotEqual(proof.GetProperty("stated").GetString(), proof.GetProperty("recomputed").GetString());
    }

    [Fact]
    public async Task A_forged_fact_of_an_explanation_is_found_by_verification()
    {
        await SendAsync(Some.Points(ScoresApp.N01, "p", October, 80));
        await PublishedAsync("2025-10");
        var document = ResultSeal.Read(await DocumentAsync("n01", 0));
        var sealed_ = ResultSeal.Seal(document with { Leaves = [.. document.Leaves.Select(leaf => leaf with { Facts = leaf.Facts is [var first, ..] ? [first with { Seq = first.Seq + 1 }] : leaf.Facts })] });

        await App.Database.ExecuteAsync($"ALTER TABLE result DISABLE TRIGGER result_append_only; UPDATE result SET content = '{sealed_.Content}', hash = '{sealed_.Hash}' WHERE unit = '{ScoresApp.N01}'");

        Assert.False((await App.PostAsync(Auditor, "/api/results/units/n01/2025-10/verify")).Body.GetProperty("agrees").GetBoolean());
    }
}
