using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace ServiceQuality.Console.Tests;

/// <summary>What every page has to pass, in both languages, light and dark, on a desk and on a phone.</summary>
internal static class PageChecks
{
    /// <summary>Both languages, themes and widths in four views of every page.</summary>
    public static TheoryData<string, string, string, int> Views(params ReadOnlySpan<string> pages)
    {
        var views = new TheoryData<string, string, string, int>();
        foreach (var page in pages)
        {
            foreach (var (language, theme, width) in ((string, string, int)[])[("zh", "light", 1440), ("en", "dark", 1440), ("zh", "dark", 390), ("en", "light", 390)])
                views.Add(page, language, theme, width);
        }
        return views;
    }

    /// <summary>The page is there, in its language, no wider than the screen, without findings of axe and complaints of the browser. SCREENSHOTS names a folder to keep pictures in.</summary>
    public static async Task ChecksOutAsync(this ConsoleApp app, string path, string language, string theme, int width)
    {
        await using var profile = await app.ProfileAsync(width: width);
        var page = await profile.NewPageAsync();
        var complaints = new List<string>();
        page.Console += (_, message) => { if (message.Type is "error" or "warning") complaints.Add(message.Text); };
        page.PageError += (_, error) => complaints.Add(error);

        var answer = await page.GotoAsync($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}lang={language}&theme={theme}");

        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{path.Split('?')[0].Trim('/').Replace('/', '-')}-{language}-{theme}-{width}.png"), FullPage = true });
        Assert.Equal(200, answer!.Status);
        Assert.Equal(language == "zh" ? "zh-CN" : "en", await page.GetAttributeAsync("html", "lang"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"the page is {await page.EvaluateAsync<int>("document.documentElement.scrollWidth")} px wide");
        var findings = (await page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] })).Violations;
        Assert.True(findings.Length == 0, string.Join('\n', findings.Select(finding => $"{finding.Id}: {string.Join(" | ", finding.Nodes.Take(3).Select(node => node.Html))}")));
        Assert.Empty(complaints);
    }
}
