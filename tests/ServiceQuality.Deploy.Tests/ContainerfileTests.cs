using System.Text.RegularExpressions;
using ServiceQuality.Deploy.Manifests;

namespace ServiceQuality.Deploy;

/// <summary>The recipe of the images, read as text; <c>deploy/images/check.sh</c> builds and runs them.</summary>
public sealed class ContainerfileTests
{
    private static readonly string Recipe = Tree.Read("deploy", "images", "Containerfile");

    [Fact]
    public void The_images_keep_the_rules() => Assert.Empty(Broken(Recipe));

    [Theory]
    [InlineData("USER 10001:10001", "")]
    [InlineData("USER 10001:10001", "USER app")]
    [InlineData("USER 10001:10001", "USER 0")]
    [InlineData("ENTRYPOINT [\"/app/service\"]", "ENTRYPOINT /app/service")]
    [InlineData("FROM ${BASE}", "FROM somewhere/aspnet:10.0")]
    [InlineData("COPY --from=build /app /app", "COPY --from=build --chown=10001 /app /app")]
    [InlineData("org.opencontainers.image.version", "version")]
    public void A_wrong_recipe_is_found(string right, string wrong)
    {
        Assert.Contains(right, Recipe, StringComparison.Ordinal);
        Assert.NotEmpty(Broken(Recipe.Replace(right, wrong, StringComparison.Ordinal)));
    }

    /// <summary>Who builds and who deploys must mean the same images.</summary>
    [Fact]
    public void Every_image_that_is_deployed_is_one_that_the_script_builds()
    {
        var built = Regex.Matches(Tree.Read("deploy", "images", "build.sh"), @"^  (?<service>[a-z-]+)\) echo (?<project>ServiceQuality\.[A-Za-z.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        var deployed = Overlay.Names.SelectMany(row => Overlay.Render(row.Data).Pods).SelectMany(pod => pod.Containers).Select(container => container.Text("image")!)
            .Where(image => image.StartsWith("servicequality/", StringComparison.Ordinal)).Select(image => image.Split('/', ':')[1]).Distinct();

        Assert.Equal(deployed.Order(StringComparer.Ordinal), built.Select(match => match.Groups["service"].Value).Order(StringComparer.Ordinal));
        Assert.All(built, match => Assert.True(Directory.Exists(Tree.At("src", match.Groups["project"].Value)), match.Value));
    }

    private static IEnumerable<string> Broken(string recipe)
    {
        var last = recipe[recipe.LastIndexOf("\nFROM ", StringComparison.Ordinal)..];
        var lines = last.Split('\n').Select(line => line.Trim()).ToList();
        if (recipe.Split('\n').Any(line => line.StartsWith("FROM ", StringComparison.Ordinal) && !line.StartsWith("FROM ${", StringComparison.Ordinal)))
            yield return "a base is written down";
        if (lines.LastOrDefault(line => line.StartsWith("USER ", StringComparison.Ordinal)) is not { } user || !int.TryParse(user[5..].Split(':')[0], out var id) || id == 0)
            yield return "the user is not a number other than 0";
        if (!lines.Any(line => line.StartsWith("ENTRYPOINT [", StringComparison.Ordinal)))
            yield return "the entry point needs a shell";
        if (lines.Any(line => line.StartsWith("RUN ", StringComparison.Ordinal)))
            yield return "the runtime stage needs a shell";
        if (last.Contains("--chown", StringComparison.Ordinal))
            yield return "the service owns its program";
        foreach (var label in (string[])["title", "description", "version", "revision"])
            if (!last.Contains($"org.opencontainers.image.{label}=", StringComparison.Ordinal))
                yield return $"the label {label} is missing";
    }
}
