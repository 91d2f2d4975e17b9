namespace GanFromScratch.Gan.Evaluation;

/// <summary>What an evaluation compares pictures by.</summary>
internal enum FeatureKind
{
    /// <summary>The features of a classifier of the data set, which needs labels.</summary>
    Classifier,

    /// <summary>The principal components of their pixels.</summary>
    Pixels,
}
