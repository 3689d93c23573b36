using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using ServiceQuality.Access;

namespace ServiceQuality.Console.Tests;

public sealed class PageTests(ConsoleApp app)
{
    public static TheoryData<string, string, string, int> Views()
    {
        var views = new TheoryData<string, string, string, int>();
        foreach (var page in (string[])["/", "/units/c06", "/units", "/schemes", "/schemes/telecom/12", "/sign-in"])
            foreach (var language in (string[])["zh", "en"])
                foreach (var theme in (string[])["light", "dark"])
                    foreach (var width in (int[])[1440, 390])
                        views.Add(page, language, theme, width);
        return views;
    }

    [Theory, MemberData(nameof(Views))]
    public async Task Page_renders_within_its_policy_and_without_accessibility_findings(string path, string language, string theme, int width)
    {
        await using var profile = await app.ProfileAsync(width: width);
        var page = await profile.NewPageAsync();
        var complaints = new List<string>();
        page.Console += (_, message) => { if (message.Type is "error" or "warning") complaints.Add(message.Text); };
        page.PageError += (_, error) => complaints.Add(error);
        page.RequestFailed += (_, request) => { if (!request.Url.EndsWith("/stream", StringComparison.Ordinal)) complaints.Add(request.Url); };

        var answer = await page.GotoAsync($"{path}?lang={language}&theme={theme}");
        Assert.Equal(200, answer!.Status);
        await Shot(page, path, language, theme, width);
        Assert.Empty(complaints);
        await Drawn(page, path);
        await Shot(page, path, language, theme, width);

        var tag = language == "zh" ? "zh-CN" : "en";
        Assert.Equal(tag, await page.GetAttributeAsync("html", "lang"));
        Assert.Equal(theme, await page.GetAttributeAsync("html", "data-bs-theme"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"the page is {await page.EvaluateAsync<int>("document.documentElement.scrollWidth")} px wide");
        var findings = (await page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] })).Violations;
        Assert.True(findings.Length == 0, string.Join('\n', findings.Select(finding => $"{finding.Id}: {string.Join(" | ", finding.Nodes.Take(3).Select(node => node.Html))}")));
        Assert.Empty(complaints);
    }

    internal static async Task Drawn(IPage page, string path)
    {
        foreach (var chart in path switch { "/" => (string[])["dist"], "/units/c06" => ["waterfall", "trend"], _ => [] })
            await page.WaitForSelectorAsync($"#{chart}[data-drawn]");
    }

    /// <summary>Pictures of every page, for people to look at, where SCREENSHOTS names a folder.</summary>
    private static async Task Shot(IPage page, string path, string language, string theme, int width)
    {
        var name = $"{(path == "/" ? "overview" : path.Trim('/').Replace('/', '-'))}-{language}-{theme}-{width}";
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}
