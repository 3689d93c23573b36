using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ServiceQuality;

/// <summary>Options that are bound to a configuration section and checked when the service starts.</summary>
public static class Settings
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to a section. At the start its data annotations and <see cref="IValidatableObject"/> are checked;
    /// a failure stops the service with a message that begins with the configuration key (<c>Drain:Delay</c>).
    /// </summary>
    public static OptionsBuilder<T> AddSettings<T>(this IHostApplicationBuilder builder, string section) where T : class
    {
        builder.Services.AddSingleton<IValidateOptions<T>>(new AnnotationCheck<T>(section));
        return builder.Services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
    }

    private sealed class AnnotationCheck<T>(string section) : IValidateOptions<T> where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var results = new List<ValidationResult>();
            if (Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
                return ValidateOptionsResult.Success;

            return ValidateOptionsResult.Fail(results.Select(result =>
                $"{string.Join(", ", result.MemberNames.DefaultIfEmpty("*").Select(member => $"{section}:{member}"))} — {result.ErrorMessage}"));
        }
    }
}
