"""Which classes learn from data before a model does, and which calls divide data."""

from modelwright.review.flow import Call

__all__ = ["FITS", "SPLITS", "is_cross_validation", "is_split", "is_transformer"]

FITS = frozenset({"fit", "fit_transform", "fit_resample", "partial_fit"})
"""Methods that learn."""

LEARNING = (
    "sklearn.preprocessing.",
    "sklearn.impute.",
    "sklearn.decomposition.",
    "sklearn.feature_selection.",
    "sklearn.feature_extraction.text.",
    "sklearn.manifold.",
    "sklearn.random_projection.",
    "sklearn.kernel_approximation.",
    "sklearn.discriminant_analysis.",
    "sklearn.compose.",
    "sklearn.cluster.",
    "imblearn.",
    "category_encoders.",
    "feature_engine.",
    "umap.",
)
"""Packages whose classes learn from the rows they see."""

STATELESS = frozenset(
    {
        "FunctionTransformer",
        "Normalizer",
        "HashingVectorizer",
        "FeatureHasher",
        "LabelEncoder",
        "LabelBinarizer",
        "MultiLabelBinarizer",
        "Binarizer",
        "PolynomialFeatures",
    }
)
"""Classes of these packages that learn nothing from features, or only the names of the classes."""

SPLITS = frozenset({"train_test_split", "random_split"})
"""Functions that divide rows."""

CROSS_VALIDATIONS = frozenset({"cross_val_score", "cross_validate", "cross_val_predict"})
"""Functions that divide rows themselves."""


def is_transformer(kind: str) -> bool:
    """Whether a class learns from features before the model does.

    Examples:
        >>> is_transformer("sklearn.preprocessing.StandardScaler"), is_transformer("sklearn.svm.SVC")
        (True, False)
        >>> is_transformer("sklearn.preprocessing.LabelEncoder")
        False
    """
    return kind.startswith(LEARNING) and kind.rsplit(".", 1)[-1] not in STATELESS


def is_split(call: Call) -> bool:
    r"""Whether a call divides rows into parts.

    Examples:
        >>> from modelwright.review.flow import trace_text
        >>> is_split(trace_text("from sklearn.model_selection import train_test_split as s\ns(X)").calls[0])
        True
    """
    return call.name.rsplit(".", 1)[-1] in SPLITS


def is_cross_validation(call: Call) -> bool:
    """Whether a call scores a model over folds it makes itself.

    Examples:
        >>> from modelwright.review.flow import trace_text
        >>> is_cross_validation(trace_text("cross_val_score(m, X, y)").calls[0])
        True
    """
    return call.name.rsplit(".", 1)[-1] in CROSS_VALIDATIONS
