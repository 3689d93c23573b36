using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using ServiceQuality.Console.Judgements;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.Console.Tests;

/// <summary>Weights of a family by pairs, by several experts, by the present points and both joined, taken over into the draft (SCO-04, scoring.md §6).</summary>
public sealed class JudgementTests : IAsyncLifetime
{
    private readonly ConsoleApp _app = new();

    public async ValueTask InitializeAsync()
    {
        await _app.InitializeAsync();
        _app.Suite.UseDeliveredScheme();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Judgements_are_told_as_they_are_made_refused_with_what_would_mend_them_and_taken_over()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=zh");
        await JudgeThreeAsync(page);

        // Three pairs that go in a circle: 1 over 2 over 3 over 1.
        await page.SelectOptionAsync("#c-0-1", "3");
        await Expect(page.Locator("[data-turn=c-0-1]")).ToHaveTextAsync("1/3");
        await page.SelectOptionAsync("#c-1-2", "3");
        await page.SelectOptionAsync("#c-0-2", "1/3");
        await Expect(page.Locator("#judge-cr")).ToContainTextAsync("未通过");
        await Expect(page.Locator(".judge-triads li").First).ToContainTextAsync("应为 9");
        await Expect(page.Locator("#take-judged")).ToHaveCountAsync(0);
        Assert.Empty((await page.RunAxe()).Violations);

        await page.SelectOptionAsync("#c-0-2", "9");
        await Expect(page.Locator("#judge-cr")).ToContainTextAsync("CR 0.000");
        // 9 : 3 : 1 by hand.
        await Expect(page.Locator("#judge-weights [data-by=judged]").First).ToHaveTextAsync("69.23%");
        await Expect(page.Locator("#judge-weights [data-by=entropy]").First).ToHaveTextAsync("16.67%");
        // 9·1 : 3·2 : 1·3.
        await Expect(page.Locator("#judge-weights [data-by=combined]").First).ToHaveTextAsync("50.00%");
        await page.ClickAsync("#take-combined");
        await Expect(page.Locator("#judge-weights tbody tr").First).ToContainTextAsync("50%");
        await page.ClickAsync("#save");
        await Expect(page.Locator("#done")).ToBeVisibleAsync();
        Assert.Equal([50, 33.33, 16.67], Weights("innovation").Select(weight => Math.Round(weight, 2)));
    }

    [Fact]
    public async Task Several_experts_come_as_text_and_as_a_file_and_each_has_a_ratio_of_his_own_without_scripts()
    {
        await using var profile = await _app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=en");
        await JudgeThreeAsync(page);

        await page.FillAsync("#judge-matrices", "1,3,9\n1/3,1\n1/9,1/3,1");
        await page.ClickAsync("#judged");
        await Expect(page.Locator("#judge-fault")).ToContainTextAsync("Expert 1, line 2");
        await page.FillAsync("#judge-matrices", "1,3,9\n1/3,1,3\n1/9,1/3,1");
        await page.SetInputFilesAsync("#judge-file", new FilePayload { Name = "expert.csv", MimeType = "text/csv", Buffer = "1 3 1/3\n1/3 1 3\n3 1/3 1\n"u8.ToArray() });
        await page.ClickAsync("#judged");
        await Expect(page.Locator("#judge-experts li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#judge-experts li").First).ToContainTextAsync("CR 0.000");
        await Expect(page.Locator("#judge-experts li").Nth(1)).ToContainTextAsync("Refused");
        await page.ClickAsync("#take-entropy");
        Assert.Equal("50", await page.InputValueAsync("#w-ces-mean"));
    }

    [Theory]
    [InlineData("1 2\n1/2 1", 1, null)]
    [InlineData("a;b\nx;1;2\ny;0.5;1\n\n1,1\n1,1\n", 2, null)]
    [InlineData("1 2\n\n1 2", 0, "matrix-rows")]
    [InlineData("1 2 3\n1 2 3", 0, "matrix-columns")]
    [InlineData("1 x\n1/2 1", 0, "matrix-cell")]
    [InlineData("1 1/0\n1/2 1", 0, "matrix-cell")]
    public void Pasted_matrices_are_read_or_refused_with_their_line(string text, int matrices, string? fault)
    {
        var read = PastedMatrices.Read(text, 2);

        Assert.Equal((matrices, fault), (read.Matrices.Count, read.Fault?.Code));
    }

    /// <summary>Three of the four indicators of innovation.</summary>
    private static async Task JudgeThreeAsync(IPage page)
    {
        await page.ClickAsync("#part-new-practices");
        await page.ClickAsync("#remove");
        await page.ClickAsync("#removed");
        await Expect(page.Locator("#part-new-practices")).ToHaveCountAsync(0);
        await page.ClickAsync("#judge-open");
    }

    private List<double> Weights(string family) => [.. Family(13, family).Select(child => Convert.ToDouble(child!["weight"]!.ToString(), CultureInfo.InvariantCulture))];

    private System.Text.Json.Nodes.JsonArray Family(int version, string family) => _app.Suite.Stored(version)["root"]!["children"]!.AsArray().Single(one => one!["code"]!.GetValue<string>() == family)!["children"]!.AsArray();
}
