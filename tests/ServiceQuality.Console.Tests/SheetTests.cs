using System.Text;
using System.Text.Json.Nodes;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.Console.Tests;

/// <summary>Schemes as files and on paper (SCO-02, SCO-07), and drafts tried as known then (SCO-34).</summary>
public sealed class SheetTests : IAsyncLifetime
{
    private readonly ConsoleApp _app = new();

    public async ValueTask InitializeAsync()
    {
        await _app.InitializeAsync();
        _app.Suite.UseDeliveredScheme();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_document_is_the_services_text_and_the_tree_is_a_table_that_spreadsheets_read()
    {
        await using var profile = await _app.ProfileAsync();
        var api = await (await profile.APIRequest.GetAsync("/api/schemes/telecom?version=12")).BodyAsync();
        Assert.Equal(api, await (await profile.APIRequest.GetAsync("/schemes/telecom/12/document")).BodyAsync());

        var csv = await (await profile.APIRequest.GetAsync("/schemes/telecom/12/tree.csv")).BodyAsync();
        Assert.Equal([0xEF, 0xBB, 0xBF], csv[..3]);
        var lines = Encoding.UTF8.GetString(csv).TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("path,code,zh,en,kind,weight,effective_weight,measure", lines[0], StringComparison.Ordinal);
        // Quality has 25.2 % of the whole (SCO-04), its first indicator 30 % of that.
        Assert.StartsWith("quality,quality,", lines[2], StringComparison.Ordinal);
        Assert.Contains(",family,25.2,25.2,", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("quality/resolution-rate,resolution-rate,问题解决率,Resolution rate,indicator,30,7.56,resolution-rate,share,ratio,higher,10,0.5:0 0.7:40 0.8:60 0.9:80 0.95:95 0.98:100,", lines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zh", "缺少")]
    [InlineData("en", "missing")]
    public async Task A_file_is_opened_as_a_new_draft_and_what_is_wrong_stands_at_its_field(string language, string missing)
    {
        await using var profile = await _app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/schemes?lang={language}");
        var document = _app.Suite.Stored(12);
        document["root"]!["children"]![0]!["weight"] = 40;
        document["root"]!["children"]![0]!["children"]![0]!["breakpoints"]![1]![0] = 9;
        await OpenAsync(page, document.ToJsonString());
        await Expect(page.Locator("#x-resolution-rate-0")).ToHaveAttributeAsync("aria-invalid", "true");

        document = _app.Suite.Stored(12);
        document["root"]!["children"]![0]!["weight"] = 40;
        await page.GotoAsync($"/schemes?lang={language}");
        await OpenAsync(page, document.ToJsonString());
        await Expect(page.Locator("#scheme-errors")).ToHaveCountAsync(0);
        await page.ClickAsync("#save");
        await Expect(page.Locator("#done")).ToBeVisibleAsync();
        Assert.Equal(40, _app.Suite.Stored(13)["root"]!["children"]![0]!["weight"]!.GetValue<double>());

        await page.GotoAsync($"/schemes?lang={language}");
        await OpenAsync(page, """{"id":"telecom","root":[]}""");
        await Expect(page.Locator("#file-faults")).ToContainTextAsync("/root");
        await Expect(page.Locator("#file-faults")).ToContainTextAsync(missing == "缺少" ? "未填写" : "not filled in");
        await OpenAsync(page, "{ nothing");
        await Expect(page.Locator("#file-faults code")).ToHaveTextAsync("1:3");
    }

    [Theory]
    [InlineData("zh")]
    [InlineData("en")]
    public async Task The_sheet_holds_the_tree_and_prints_without_the_console_around_it(string language)
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/schemes/telecom/12?lang={language}");
        await page.ClickAsync("#get-sheet");
        await Expect(page.Locator("#sheet-tree tbody tr").Nth(1)).ToContainTextAsync("7.56%");
        Assert.Empty((await page.RunAxe()).Violations);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        await Expect(page.Locator(".rail")).ToBeHiddenAsync();
        await Expect(page.Locator(".sh-sign")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("zh", "按期末所知", "草案 −0.75")]
    [InlineData("en", "as known then", "draft −0.75")]
    public async Task A_draft_is_tried_as_known_then_beside_todays_knowledge_and_the_official_results(string language, string then, string official)
    {
        await using var profile = await _app.ProfileAsync(scripts: false);
        var page = await profile.NewPageAsync();
        await page.GotoAsync($"/schemes/telecom/12?lang={language}");
        await page.ClickAsync("#save");
        await page.CheckAsync("#as-known-then");
        await page.ClickAsync("#try");
        await Expect(page.Locator("#try-outs tbody tr")).ToHaveCountAsync(2);
        await Expect(page.Locator("#try-outs tr[data-knowledge=then]")).ToContainTextAsync(then);
        await Expect(page.Locator("#try-outs tr[data-knowledge=then]")).ToContainTextAsync(official);
    }

    private static async Task OpenAsync(IPage page, string text)
    {
        await page.SetInputFilesAsync("#file", new FilePayload { Name = "scheme.json", MimeType = "application/json", Buffer = Encoding.UTF8.GetBytes(text) });
        await page.ClickAsync("#open-file");
    }
}
