using Microsoft.Extensions.Options;
using ServiceQuality.Organisation.Sectors;

namespace ServiceQuality.Organisation.Tests;

/// <summary>Sector templates are files (ORG-17).</summary>
public sealed class SectorTemplateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("templates-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Telecom_bank_and_government_hall_load_without_code() =>
        Assert.Equal(["bank", "government-hall", "telecom"], Delivered().All.Select(template => template.Id).Order());

    [Fact]
    public void Telecom_has_the_eight_contact_point_types_of_ORG_02() => Assert.Equal(
        ["city-own-hall", "social-channel-hall", "county-main-hall", "rural-agency-hall", "hotline", "online-desk", "field-crew", "vip-desk"],
        Telecom().ContactPoints.Select(type => type.Code));

    [Fact]
    public void Telecom_has_the_seven_department_kinds_of_ORG_03() => Assert.Equal(
        ["customer-service", "marketing", "network", "business-support", "information-service", "customer-segment", "county-branch"],
        Telecom().Functions.Select(tag => tag.Code));

    [Fact]
    public void Telecom_has_the_kinds_of_ORG_01() => Assert.Equal(
        ["head-office", "region", "county-branch", "department", "outlet", "hotline", "online-desk", "field-team", "vip-desk"],
        Telecom().Kinds.Select(kind => kind.Code));

    [Theory]
    [InlineData("\"parents\": [\"region\"]", "\"parents\": [\"regin\"]", "unknown kind 'regin'")]
    [InlineData("\"parents\": []", "\"parents\": [\"region\"]", "exactly one kind without parents")]
    [InlineData("\"code\": \"region\"", "\"code\": \"head-office\"", "holds 'head-office' twice")]
    [InlineData("\"full-service-outlet\", \"community", "\"full\", \"community", "unknown contact-point type 'full'")]
    [InlineData("\"customer-service\", \"retail\"", "\"customers\", \"retail\"", "unknown function tag 'customers'")]
    [InlineData("\"09:00-17:00\"", "\"9-17\"", "is not a span of opening hours")]
    [InlineData("\"id\": \"bank\"", "\"id\": \"banc\"", "must be the name of the file")]
    [InlineData("\"version\": 1", "\"version\": one", "line 3")]
    [InlineData("\"version\": 1", "\"colour\": 1", "colour")]
    public void A_template_that_cannot_be_used_says_where_and_why(string sound, string broken, string told)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "templates", "bank.json"));
        Assert.Contains(sound, text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "bank.json"), text.Replace(sound, broken, StringComparison.Ordinal));

        var failure = Assert.Throws<OptionsValidationException>(() => SectorTemplates.Read(_folder));

        Assert.Contains(failure.Failures, problem => problem.Contains(told, StringComparison.Ordinal) && problem.Contains("bank.json", StringComparison.Ordinal));
        Assert.All(failure.Failures, problem => Assert.StartsWith("Organisation:TemplateDirectory", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_without_templates_is_told() =>
        Assert.Contains("holds no sector template", Assert.Throws<OptionsValidationException>(() => SectorTemplates.Read(_folder)).Message, StringComparison.Ordinal);

    internal static SectorTemplates Delivered() => SectorTemplates.Read(new TemplateSource().Directory);

    internal static SectorTemplate Telecom() => Delivered().Find("telecom")!;
}
