using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using ServiceQuality.Access;
using static Microsoft.Playwright.Assertions;

namespace ServiceQuality.Console.Tests;

/// <summary>Editing a scheme, seeing what it would do, and the way of a draft through two people (SCO-02, SCO-34); each test has a suite of its own.</summary>
public sealed class SchemePageTests : IAsyncLifetime
{
    private readonly ConsoleApp _app = new();

    public ValueTask InitializeAsync() => _app.InitializeAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Moving_a_point_by_keys_changes_the_table_the_effect_and_nothing_that_is_stored()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=zh");
        await Expect(page.Locator("#no-effect")).ToBeVisibleAsync();
        Assert.NotEmpty((await page.GetAttributeAsync("#std-hall-wait-p90 .rug", "d"))!);

        var point = page.GetByRole(AriaRole.Slider, new PageGetByRoleOptions { Name = "断点 2", Exact = true });
        await point.FocusAsync();
        for (var i = 0; i < 3; i++)
            await page.Keyboard.PressAsync("Shift+ArrowDown");

        await Expect(page.Locator("#y-hall-wait-p90-1")).ToHaveValueAsync("55");
        await Expect(page.Locator("#losers .delta")).Not.ToHaveCountAsync(0);
        await Expect(page.Locator("#no-effect")).ToHaveCountAsync(0);
        await Expect(page.Locator("#differences")).ToContainTextAsync("营业厅等待 P90 标准");
        await Expect(page.Locator("#based")).ToContainTextAsync("改动 1 处");
        await Expect(point).ToBeFocusedAsync();
        Assert.Equal("600 得 55 分", await point.GetAttributeAsync("aria-valuetext"));
        Assert.Empty((await page.RunAxe()).Violations);
        Assert.Equal(85, _app.Suite.Stored(12)["root"]!["children"]![0]!["children"]![0]!["breakpoints"]![1]![1]!.GetValue<double>());
    }

    [Fact]
    public async Task A_point_is_dragged_on_its_curve()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=en");
        var handle = page.Locator("#std-hall-wait-p90 .hd").Nth(2);
        await handle.EvaluateAsync("point => point.scrollIntoView({ block: 'center', behavior: 'instant' })");
        var box = (await handle.BoundingBoxAsync())!;

        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + 40, new MouseMoveOptions { Steps = 4 });
        await page.Mouse.UpAsync();

        await Expect(page.Locator("#y-hall-wait-p90-2")).Not.ToHaveValueAsync("65");
        await Expect(page.Locator("#differences")).ToContainTextAsync("Standard of Hall wait P90");
        // A point stays between its neighbours.
        Assert.InRange(double.Parse(await page.InputValueAsync("#x-hall-wait-p90-2"), System.Globalization.CultureInfo.InvariantCulture), 600, 1500);
    }

    [Fact]
    public async Task A_slider_and_its_number_move_together_and_siblings_are_normalised_when_saved()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=en");

        await page.Locator("#r-efficiency").FillAsync("70");
        await Expect(page.Locator("#w-efficiency")).ToHaveValueAsync("70");
        await Expect(page.Locator("#w-total")).ToHaveTextAsync("135%");
        await Expect(page.Locator("#differences")).ToContainTextAsync("Weight of Efficiency35%→51.85%");
        await page.FillAsync("#re", "Waiting counts more.");
        await page.ClickAsync("#save");
        await Expect(page.Locator("#done")).ToContainTextAsync("The draft is saved");

        var weights = _app.Suite.Stored(13)["root"]!["children"]!.AsArray().Select(family => family!["weight"]!.GetValue<double>()).ToList();
        Assert.Equal(100, weights.Sum(), 1e-9);
        Assert.Equal(51.85, weights[0], 1e-9);
        // What the editor does not know is there as it was, digit by digit.
        Assert.Equal("0.1", _app.Suite.Stored(13)["measures"]![0]!["somethingTheEditorDoesNotKnow"]!["kept"]!.ToJsonString());
        Assert.Equal(_app.Suite.Stored(12)["measures"]!.ToJsonString(), _app.Suite.Stored(13)["measures"]!.ToJsonString());
        Assert.Equal(_app.Suite.Stored(12)["root"]!["children"]![1]!["children"]!.ToJsonString(), _app.Suite.Stored(13)["root"]!["children"]![1]!["children"]!.ToJsonString());
    }

    [Fact]
    public async Task The_author_sees_why_not_and_who_may_and_another_person_approves()
    {
        await using var author = await _app.ProfileAsync();
        var writing = await author.NewPageAsync();
        await writing.GotoAsync("/schemes/telecom/12?lang=en");
        await writing.FillAsync("#b-1", "82");
        await writing.ClickAsync("#save");

        await Expect(writing.Locator("#done")).ToBeVisibleAsync();
        Assert.Contains("/schemes/telecom/13", writing.Url, StringComparison.Ordinal);
        await Expect(writing.Locator("#approve")).ToHaveCountAsync(0);
        await Expect(writing.Locator("#why-not")).ToContainTextAsync("You wrote this draft");
        await Expect(writing.Locator("#why-not")).ToContainTextAsync("Head office");
        await writing.ClickAsync("#try");
        await Expect(writing.Locator("#try-outs tbody tr")).ToHaveCountAsync(1);

        await using var director = await _app.ProfileAsync();
        var deciding = await director.NewPageAsync();
        await deciding.GotoAsync("/schemes/telecom/13?lang=en");
        await Expect(deciding.Locator("#try-outs tbody tr")).ToHaveCountAsync(1);
        await Expect(deciding.Locator("#withdraw")).ToHaveCountAsync(0);
        Assert.Empty((await deciding.RunAxe()).Violations);
        await deciding.ClickAsync("#approve");
        await Expect(deciding.Locator("#done")).ToContainTextAsync("Approved");
        await deciding.GotoAsync("/schemes?lang=en");
        await Expect(deciding.Locator("tr[data-row='13'] .state")).ToHaveTextAsync("Approved");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Errors_stand_at_their_fields_and_in_a_list_that_leads_there(bool scripts)
    {
        await using var profile = await _app.ProfileAsync(scripts: scripts);
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=zh");

        await page.FillAsync("#b-1", "95");
        await page.FillAsync("#w-outcome", "-5");
        if (!scripts)
            await page.ClickAsync(".approve button[value=preview]");

        await Expect(page.Locator("#scheme-errors li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#scheme-errors")).ToContainTextAsync("下限须从高到低");
        await Expect(page.Locator("#b-1")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Locator("#w-outcome")).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.Equal("#w-outcome", await page.GetAttributeAsync("#scheme-errors a[data-field=w-outcome]", "href"));

        // Saving is refused at the same places, and what was typed is still there.
        await page.ClickAsync("#save");
        await Expect(page.Locator("#scheme-errors li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#b-1")).ToHaveValueAsync("95");

        await page.FillAsync("#b-1", "82");
        await page.FillAsync("#w-outcome", "25");
        if (!scripts)
            await page.ClickAsync(".approve button[value=preview]");
        await Expect(page.Locator("#scheme-errors")).ToHaveCountAsync(0);
        await Expect(page.Locator("#b-1")).Not.ToHaveAttributeAsync("aria-invalid", "true");
    }

    [Fact]
    public async Task Without_scripts_a_draft_is_edited_tried_saved_and_decided()
    {
        await using var author = await _app.ProfileAsync(scripts: false);
        var page = await author.NewPageAsync();
        await page.GotoAsync("/schemes?lang=en");
        await page.ClickAsync("text=Write a new version");

        await page.FillAsync("#w-efficiency", "60");
        await page.ClickAsync("button[value='add.hall-wait-p90']");
        await Expect(page.Locator("#std-hall-wait-p90 [data-bp=x]")).ToHaveCountAsync(6);
        await Expect(page.Locator("#w-efficiency")).ToHaveValueAsync("48");
        await page.ClickAsync("button[value='drop.hall-wait-p90.1']");
        await Expect(page.Locator("#std-hall-wait-p90 [data-bp=x]")).ToHaveCountAsync(5);
        await Expect(page.Locator("#k-mean")).Not.ToHaveTextAsync("0.00");
        await page.SelectOptionAsync("#p-efficiency", "neutral");
        await page.FillAsync("#pp-efficiency", "65");
        await page.FillAsync("#c-0", "");
        await page.ClickAsync("#save");
        await Expect(page.Locator("#done")).ToContainTextAsync("saved");
        Assert.Equal("""{"policy":"neutral","points":65}""", _app.Suite.Stored(13)["root"]!["children"]![0]!["missing"]!.ToJsonString());
        Assert.Null(_app.Suite.Stored(13)["adjustments"]![0]!["cap"]);

        await using var director = await _app.ProfileAsync(scripts: false);
        var deciding = await director.NewPageAsync();
        await deciding.GotoAsync("/schemes/telecom/13?lang=en");
        await deciding.ClickAsync("#reject");
        await Expect(deciding.Locator("#refusal")).ToContainTextAsync("takes a reason");
        await deciding.FillAsync("#reason", "The weights were not agreed.");
        await deciding.ClickAsync("#reject");
        await Expect(deciding.Locator("h1 .state, #end-h").First).ToBeVisibleAsync();
        await deciding.GotoAsync("/schemes?lang=en");
        await Expect(deciding.Locator("tr[data-row='13']")).ToContainTextAsync("The weights were not agreed.");
    }

    [Fact]
    public async Task Somebody_elses_change_in_between_is_not_overwritten()
    {
        await using var profile = await _app.ProfileAsync();
        var (first, second) = (await profile.NewPageAsync(), await profile.NewPageAsync());
        await first.GotoAsync("/schemes/telecom/12?lang=en");
        await first.FillAsync("#b-1", "82");
        await first.ClickAsync("#save");
        await Expect(first.Locator("#done")).ToBeVisibleAsync();
        await second.GotoAsync("/schemes/telecom/13?lang=en");
        await first.FillAsync("#b-1", "83");
        await first.ClickAsync("#save");
        await Expect(first.Locator("#done")).ToBeVisibleAsync();

        await second.FillAsync("#b-1", "84");
        await second.ClickAsync("#save");

        await Expect(second.Locator("#refusal")).ToContainTextAsync("nothing was written");
        Assert.Equal(83, _app.Suite.Stored(13)["bands"]![1]!["from"]!.GetValue<double>());
    }

    [Fact]
    public async Task Who_may_not_write_schemes_tries_them_on_their_own_units_and_has_no_button_to_save()
    {
        await using var profile = await _app.ProfileAsync(Roles.Region, "hq/north/");
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=en");
        await page.FillAsync("#w-efficiency", "90");

        await Expect(page.Locator("#k-grade + .s")).ToContainTextAsync("of 8 units");
        await Expect(page.Locator("#save")).ToHaveCountAsync(0);
        await page.GotoAsync("/schemes/telecom/99");
        await Expect(page.Locator("h1")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task While_the_score_service_is_away_the_panel_says_so_and_the_form_stays()
    {
        await using var profile = await _app.ProfileAsync();
        var page = await profile.NewPageAsync();
        await page.GotoAsync("/schemes/telecom/12?lang=en");
        _app.Suite.Away["scores"] = true;
        await page.FillAsync("#w-efficiency", "90");

        await Expect(page.Locator("#effect .hole")).ToContainTextAsync("cannot be read right now");
        await Expect(page.Locator("#w-efficiency")).ToHaveValueAsync("90");
    }
}
