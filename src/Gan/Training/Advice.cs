using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>
/// Suggests options against a diagnosis. They are made of the options themselves, and each is one that the run could have.
/// </summary>
internal static class Advice
{
    private const string Stable = "stable";

    /// <summary>Returns sentences that say what may help.</summary>
    public static string Against(Diagnosis diagnosis, Trainer trainer)
    {
        string[] options = [.. Options(diagnosis, trainer)];
        var sentences = new List<string>();
        if (options.Length > 0)
            sentences.Add($"Train anew with {string.Join(", or with ", options)}.");
        if (OtherRecipe(diagnosis, trainer) is { } recipe)
        {
            string what = recipe == Stable ? "under a steadier loss" : "networks of LeakyReLUs, which don't die";
            sentences.Add($"`gan --recipe {recipe}` trains {what}.");
        }
        return string.Join(' ', sentences);
    }

    /// <summary>Returns options that may help, each of them alone, as they are typed.</summary>
    public static IEnumerable<string> Options(Diagnosis diagnosis, Trainer trainer) =>
        Changes(diagnosis, trainer).DefaultIfEmpty(LowerRates(trainer.Model)); // where a run has everything else already

    /// <summary>Returns half of both networks' learning rates, as options.</summary>
    public static string LowerRates(GanModel model)
    {
        float g = model.GeneratorAdam.LearningRate / 2, d = model.DiscriminatorAdam.LearningRate / 2;
        var rates = g == d ? new OptimiserRequest { LearningRate = g } : new OptimiserRequest { GLearningRate = g, DLearningRate = d };
        return Requests.Differences(rates, new OptimiserRequest());
    }

    private static IEnumerable<string> Changes(Diagnosis diagnosis, Trainer trainer) => diagnosis switch
    {
        Diagnosis.DiscriminatorWon => Possible(
            trainer,
            new ObjectiveRequest { LabelSmoothing = 0.1f },
            new ObjectiveRequest { InstanceNoise = 0.1f },
            new ObjectiveRequest { R1 = 0.1f }),
        Diagnosis.DiscriminatorGaveUp => Possible(
            trainer,
            new ObjectiveRequest { DiscriminatorSteps = trainer.Objective.DiscriminatorSteps + 1 }).Append(LowerRates(trainer.Model)),
        Diagnosis.GeneratorCollapsed => Possible(
            trainer,
            new ObjectiveRequest { Loss = "relativistic", R1 = 0.1f, R2 = 0.1f },
            new ObjectiveRequest { Pack = 2 * trainer.Objective.Pack }),
        _ => [LowerRates(trainer.Model)],
    };

    private static string? OtherRecipe(Diagnosis diagnosis, Trainer trainer)
    {
        bool isDead = diagnosis is Diagnosis.DiscriminatorDead or Diagnosis.GeneratorDead;
        if (!isDead)
            return trainer.Recipe is Recipes.Stable or StableConv ? null : Stable;
        var layers = trainer.Model.Generator.Layers.Concat(trainer.Model.Discriminator.Layers);
        return layers.Any(layer => layer is Linear<Relu>) ? RecipeBook.Default : null;
    }

    // those changes that the run can have, and doesn't have as strongly already
    private static IEnumerable<string> Possible(Trainer trainer, params ObjectiveRequest[] changes) =>
        changes.Where(change => IsPossible(trainer, change)).Select(change => Requests.Differences(change, new ObjectiveRequest()));

    private static bool IsPossible(Trainer trainer, ObjectiveRequest change)
    {
        var (now, request) = (trainer.Objective, trainer.Request);
        bool isMore = change.LabelSmoothing > now.LabelSmoothing || change.InstanceNoise > now.InstanceNoise || change.R1 > now.R1
            || change.DiscriminatorSteps > now.DiscriminatorSteps || change.Pack > now.Pack
            || (change.Loss is { } loss && loss != now.Loss.Name);
        if (!isMore)
            return false;
        var changed = request with { Objective = Requests.With(request.Objective, change) };
        try
        {
            changed.ObjectiveFor(trainer.Recipe);
            changed.UsedOf(trainer.Images.Count, trainer.Recipe, trainer.Images.Shape);
            var options = OptionProperty.Of(typeof(ObjectiveRequest));
            return options.All(option => option.Get(change) is not { } value || option.FaultOf(value) is null);
        }
        catch (GanException)
        {
            return false;
        }
    }
}
