using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Scores.Tests;

/// <summary>Expert panels over HTTP (SCO-07).</summary>
public sealed class PanelsTests(RealServers servers) : IAsyncLifetime
{
    private static readonly Caller Author = ScoresApp.Person("Author");
    private static readonly Caller Signer = ScoresApp.Person("Signer");
    private static readonly Caller[] Experts = [.. new[] { "Zhang", "Li", "Wang", "Zhao" }.Select(name => ScoresApp.Person(name, Roles.Region, "hq/north/"))];

    private ScoresApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await ScoresApp.StartAsync(servers);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task SCO_07_A_panel_goes_from_question_to_signed_result()
    {
        var id = await OpenedAsync();
        foreach (var (expert, ratings) in Experts.Zip(new double[][] { [8, 2], [6, 4], [10, 0] }))
            Assert.Equal(200, (await RateAsync(id, expert, ratings)).Status);

        var closed = await _app.PostAsync(Author, $"/api/panels/{id}/close");
        var bySelf = await _app.PostAsync(Author, $"/api/panels/{id}/sign");
        var signed = await _app.PostAsync(Signer, $"/api/panels/{id}/sign");
        var again = await _app.PostAsync(Signer, $"/api/panels/{id}/sign");

        Assert.Equal((200, "closed"), (closed.Status, closed.Body.GetProperty("state").GetString()));
        Assert.Equal((409, "panel-signer-is-author"), (bySelf.Status, ScoresApp.Code(bySelf.Body)));
        Assert.Equal(("signed", "Signer"), (signed.Body.GetProperty("state").GetString(), signed.Body.GetProperty("signer").GetString()));
        Assert.Equal(64, signed.Body.GetProperty("hash").GetString()!.Length);
        Assert.Equal((409, "panel-signed"), (again.Status, ScoresApp.Code(again.Body)));
        var quality = signed.Body.GetProperty("result").GetProperty("elements")[0];
        Assert.Equal((8.0, 8.0, 2.0, 0.8), (quality.GetProperty("mean").GetDouble(), quality.GetProperty("median").GetDouble(), quality.GetProperty("deviation").GetDouble(), quality.GetProperty("meanWeight").GetDouble()));
        Assert.Equal(1, signed.Body.GetProperty("result").GetProperty("agreement").GetProperty("w").GetDouble(), 12);
        Assert.Equal(64, await _app.Database.ScalarAsync<int>("SELECT length(hash) FROM panel WHERE hash = encode(sha256(convert_to(content, 'UTF8')), 'hex')"));
        using var auditor = _app.ClientOf(Roles.Auditor, "hq/");
        var trail = await auditor.GetStringAsync("/api/audit/scores", TestContext.Current.CancellationToken);
        foreach (var (action, times) in new[] { ("panel.opened", 1), ("panel.rated", 3), ("panel.closed", 1), ("panel.signed", 1) })
            Assert.Equal(times, trail.Split('\n').Count(line => line.Contains($"\"{action}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task SCO_07_Nobody_sees_the_others_before_having_rated()
    {
        var id = await OpenedAsync();
        await RateAsync(id, Experts[0], 8, 2);
        await RateAsync(id, Experts[1], 6, 4);
        await RateAsync(id, Experts[2], 10, 0);

        var before = (await _app.ReadAsync(Experts[3], $"/api/panels/{id}")).Body;
        var author = (await _app.ReadAsync(Author, "/api/panels")).Body.GetProperty("items")[0];
        var after = (await RateAsync(id, Experts[3], 7, 3)).Body;
        var twice = await RateAsync(id, Experts[3], 9, 1);

        Assert.All(new[] { before, author }, seen => Assert.Equal((JsonValueKind.Null, JsonValueKind.Null, 3), (seen.GetProperty("experts").ValueKind, seen.GetProperty("result").ValueKind, seen.GetProperty("given").GetInt32())));
        Assert.Equal(4, after.GetProperty("experts").GetArrayLength());
        Assert.True(after.GetProperty("experts")[3].GetProperty("own").GetBoolean());
        Assert.Equal((409, "panel-rated"), (twice.Status, ScoresApp.Code(twice.Body)));
        Assert.Contains("rate", Actions(before));
        Assert.DoesNotContain("rate", Actions(after));
    }

    [Fact]
    public async Task SCO_07_A_rating_far_from_the_median_needs_a_comment_before_the_panel_closes()
    {
        var id = await OpenedAsync();
        await RateAsync(id, Experts[0], 8, 2);
        await RateAsync(id, Experts[1], 8, 2);
        await RateAsync(id, Experts[2], 2, 2);

        var refused = await _app.PostAsync(Author, $"/api/panels/{id}/close");
        var byOther = await _app.PostAsync(Experts[3], $"/api/panels/{id}/comments", new { element = 0, text = "Not mine." });
        var outside = await _app.PostAsync(Experts[2], $"/api/panels/{id}/comments", new { element = 2, text = "There are two." });
        var explained = await _app.PostAsync(Experts[2], $"/api/panels/{id}/comments", new { element = 0, text = "Branches cannot influence it." });
        var closed = await _app.PostAsync(Author, $"/api/panels/{id}/close");

        Assert.Equal((409, "panel-comment-missing"), (refused.Status, ScoresApp.Code(refused.Body)));
        Assert.Contains("Wang – quality", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal((409, "panel-not-rated"), (byOther.Status, ScoresApp.Code(byOther.Body)));
        Assert.Equal((400, "comment-invalid"), (outside.Status, ScoresApp.Code(outside.Body)));
        Assert.True(explained.Body.GetProperty("result").GetProperty("outliers")[0].GetProperty("explained").GetBoolean());
        Assert.Equal(200, closed.Status);
        Assert.Equal((409, "panel-closed"), (await RateAsync(id, Experts[3], 1, 1)) is var late ? (late.Status, ScoresApp.Code(late.Body)) : default);
    }

    [Fact]
    public async Task SCO_07_Fewer_than_three_experts_are_no_panel()
    {
        var id = await OpenedAsync();
        await RateAsync(id, Experts[0], 8, 2);
        await RateAsync(id, Experts[1], 8, 2);

        var refused = await _app.PostAsync(Author, $"/api/panels/{id}/close");
        var early = await _app.PostAsync(Signer, $"/api/panels/{id}/sign");

        Assert.Equal((409, "panel-too-few"), (refused.Status, ScoresApp.Code(refused.Body)));
        Assert.Equal((409, "panel-open"), (early.Status, ScoresApp.Code(early.Body)));
    }

    [Fact]
    public async Task Only_the_invited_rate_and_only_the_head_office_asks()
    {
        var id = await OpenedAsync(invited: [Experts[0].Subject]);

        var uninvited = await RateAsync(id, Experts[1], 1, 1);
        var byRegion = await _app.PostAsync(Experts[0], "/api/panels", Question());
        var closing = await _app.PostAsync(Experts[0], $"/api/panels/{id}/close");

        Assert.Equal((403, "panel-not-invited"), (uninvited.Status, ScoresApp.Code(uninvited.Body)));
        Assert.Equal(403, byRegion.Status);
        Assert.Equal(403, closing.Status);
        Assert.Equal(200, (await RateAsync(id, Experts[0], 1, 1)).Status);
        Assert.Equal(404, (await _app.ReadAsync(Author, $"/api/panels/{Guid.CreateVersion7()}")).Status);
        Assert.Equal(404, (await _app.PostAsync(Author, $"/api/panels/{Guid.CreateVersion7()}/close")).Status);
    }

    [Fact]
    public async Task What_is_malformed_is_refused_with_its_field()
    {
        var id = await OpenedAsync();

        Assert.Equal(["elements", "fewest", "high", "kind", "question"], await FieldsAsync(new { kind = "taste", question = "", elements = Array.Empty<string>(), high = 2_000_000, fewest = 1 }));
        Assert.Equal(["high"], await FieldsAsync(new { kind = "weights", question = "?", elements = new[] { "a" }, low = 5, high = 5 }));
        Assert.Equal(["elements"], await FieldsAsync(new { kind = "weights", question = "?", elements = new[] { "a", "A" } }));
        Assert.Equal((400, "ratings-invalid"), await RateAsync(id, Experts[0], 1) is var few ? (few.Status, ScoresApp.Code(few.Body)) : default);
        Assert.Equal((400, "ratings-invalid"), await RateAsync(id, Experts[0], 1, 11) is var off ? (off.Status, ScoresApp.Code(off.Body)) : default);
        var comment = await _app.PostAsync(Experts[0], $"/api/panels/{id}/ratings", new { ratings = new[] { 1, 1 }, comments = new Dictionary<int, string> { [7] = "?" } });
        Assert.Equal((400, "comment-invalid"), (comment.Status, ScoresApp.Code(comment.Body)));

        async Task<List<string>> FieldsAsync(object body)
        {
            var (status, problem) = await _app.PostAsync(Author, "/api/panels", body);
            Assert.Equal(400, status);
            return [.. problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order()];
        }
    }

    private async Task<Guid> OpenedAsync(Guid[]? invited = null)
    {
        var opened = await _app.PostAsync(Author, "/api/panels", Question(invited));
        Assert.Equal(201, opened.Status);
        return opened.Body.GetProperty("id").GetGuid();
    }

    private static object Question(Guid[]? invited = null) => new { kind = "weights", question = "How much should each family weigh?", elements = new[] { "quality", "efficiency" }, invited };

    private Task<(int Status, JsonElement Body)> RateAsync(Guid id, Caller expert, params double[] ratings) => _app.PostAsync(expert, $"/api/panels/{id}/ratings", new { ratings });

    private static IEnumerable<string?> Actions(JsonElement panel) => panel.GetProperty("actions").EnumerateArray().Select(action => action.GetString());
}
